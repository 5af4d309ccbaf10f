import { once } from 'node:events';
import http from 'node:http';
import type { ApiClient, Ask, Reply } from './api-client.js';

export const CSV = 'text/csv';
export const NDJSON = 'application/x-ndjson';
export const FORMS = [CSV, NDJSON] as const;
export type Form = (typeof FORMS)[number];

type Row = Readonly<Record<string, unknown>>;

export function inForm(form: string, ask: Ask = {}): Ask {
  return { ...ask, headers: { ...ask.headers, Accept: form } };
}

/** These columns of an answer in either form, as CSV has them. */
export function cellsOf({ text, headers }: Reply, columns: readonly string[]): string[][] {
  if (headers['content-type']?.startsWith(CSV)) {
    const [head = [], ...found] = parseCsv(text);
    return found.map((row) => columns.map((column) => row[head.indexOf(column)] ?? `no column ${column}`));
  }
  const rows = text.split('\n').slice(0, -1);
  return cells(
    rows.map((line): Row => JSON.parse(line)),
    columns,
  );
}

/** JSON rows as the cells of a CSV. */
export function cells(rows: readonly Row[], columns: readonly string[]): string[][] {
  return rows.map((row) => columns.map((column) => cell(row[column])));
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** By RFC 4180, to the letter. @throws Error for what is no CSV. */
export function parseCsv(text: string): string[][] {
  const found: string[][] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
  let row: string[] = [];
  while (field.lastIndex < text.length) {
    const at = field.lastIndex;
    const match = field.exec(text);
    if (!match) throw new Error(`no CSV from ${at}: ${text.slice(at, at + 40)}`);
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') continue;
    found.push(row);
    row = [];
  }
  return found;
}

/** An answer whose head has come, and of whose body nothing is read. */
export async function openExport({ url }: ApiClient, path: string, ask: Ask): Promise<http.IncomingMessage> {
  const headers = { ...ask.headers, ...(ask.as !== undefined && { Authorization: `Bearer ${ask.as}` }) };
  const request = http.get(`${url}/api/v1${path}`, { headers, agent: false });
  const [response]: http.IncomingMessage[] = await once(request, 'response');
  if (!response) throw new Error('no response');
  return response;
}
