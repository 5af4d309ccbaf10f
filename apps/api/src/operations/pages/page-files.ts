import { readFileSync } from 'node:fs';
import { Text } from '@app/rest';

/** The look of all pages. */
export const PAGES_STYLE = new Text(read('pages.css'), 'text/css; charset=utf-8');

export const STATUS_SCRIPT = new Text(read('status.js'), 'text/javascript; charset=utf-8');

/** How the contract describes text of a type. */
export function textContent(type: string, example: string) {
  return { content: { [type]: { schema: { type: 'string', example } as const } } };
}

function read(name: string): string {
  return readFileSync(new URL(`files/${name}`, import.meta.url), 'utf8');
}
