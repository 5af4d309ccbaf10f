import { RequestMalformedError } from '@app/problem';
import { parseETags } from './entity-tags.js';
import { etagOf } from './etag.js';
import { PreconditionFailedError, PreconditionRequiredError } from './rest.errors.js';

/** What the caller says in `If-Match` about the resource that he wants to change (RFC 9110 §13.1.1). */
export class Precondition {
  private constructor(
    private readonly tags: ReadonlySet<string> | '*' | undefined,
    private readonly required: boolean,
  ) {}

  /**
   * @param header value of `If-Match`.
   * @throws RequestMalformedError 400 when it is neither `*` nor a list of entity tags.
   */
  static parse(header: string | undefined, required: boolean): Precondition {
    if (header === undefined) return new Precondition(undefined, required);
    if (header.trim() === '*') return new Precondition('*', required);
    const tags = parseETags(header);
    if (tags.length === 0) throw malformed();
    return new Precondition(new Set(tags.filter((tag) => !tag.startsWith('W/'))), required);
  }

  /**
   * Call it with the row locked, before the change.
   *
   * @param representation the resource as GET would send it now.
   * @throws PreconditionRequiredError 428 when the header is needed and missing.
   * @throws PreconditionFailedError 412 when no tag in it is the present one.
   */
  assertHolds(representation: object): void {
    if (this.tags === undefined && this.required) throw new PreconditionRequiredError();
    if (this.tags === undefined || this.tags === '*') return;
    if (!this.tags.has(etagOf(JSON.stringify(representation)))) throw new PreconditionFailedError();
  }
}

function malformed(): RequestMalformedError {
  const detail = 'If-Match must be * or a list of entity tags.';
  return new RequestMalformedError(detail, undefined, [{ in: 'header', parameter: 'If-Match', code: 'etags', detail }]);
}
