/** Long lists of differences are cut: the first ones say what happened. */
const MAX_LINES = 50;

/**
 * Where two JSON documents differ, one line each, for people: `- ` with what only the old one has, `+ ` with what only
 * the new one has, after the JSON pointer (RFC 6901). Members are compared regardless of order.
 */
export function differences(before: unknown, after: unknown): string[] {
  const lines = compare(before, after, '');
  if (lines.length === 0) return ['The layout differs, or the order of members.'];
  return lines.length > MAX_LINES
    ? [...lines.slice(0, MAX_LINES), `… and ${lines.length - MAX_LINES} more lines`]
    : lines;
}

function compare(before: unknown, after: unknown, pointer: string): string[] {
  if (isBranch(before) && isBranch(after) && Array.isArray(before) === Array.isArray(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) =>
      compare(Reflect.get(before, name), Reflect.get(after, name), `${pointer}/${escaped(name)}`),
    );
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  return [...line('-', pointer, before), ...line('+', pointer, after)];
}

function line(sign: '-' | '+', pointer: string, value: unknown): string[] {
  if (value === undefined) return [];
  const text = JSON.stringify(value);
  return [`${sign} ${pointer}: ${text.length > 100 ? `${text.slice(0, 100)}…` : text}`];
}

function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
