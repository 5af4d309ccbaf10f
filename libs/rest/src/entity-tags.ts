/**
 * One element of a list of entity tags, weak or strong (RFC 9110 §8.8.3), with the comma that ends it; it may be empty
 * (§5.6.1.2). Each character has one way to match, so that no header takes more than one pass.
 */
const ELEMENT = /[ \t]*(?:((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")[ \t]*)?(?:,|$)/y;

/** The tags of `If-Match` or `If-None-Match`, as they were written. @returns none for what is not a list of them. */
export function parseETags(header: string): string[] {
  const tags: string[] = [];
  for (ELEMENT.lastIndex = 0; ELEMENT.lastIndex < header.length;) {
    const element = ELEMENT.exec(header);
    if (!element) return [];
    if (element[1] !== undefined) tags.push(element[1]);
  }
  return tags;
}

/** Whether `If-None-Match` names this tag: `*` does, and the comparison is weak (RFC 9110 §13.1.2). */
export function namesETag(header: string, etag: string): boolean {
  if (header === etag) return true;
  if (header.trim() === '*') return true;
  return parseETags(header).some((tag) => tag.replace(/^W\//, '') === etag);
}
