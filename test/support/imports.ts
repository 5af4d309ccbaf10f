import { newId } from '@app/database';
import type { DataSource } from 'typeorm';
import type { ApiClient, Reply } from './api-client.js';
import { until } from './waiting.js';

/** The job that an answer of `POST /process` started, once nothing more happens to it. */
export async function jobEnded(client: ApiClient, started: Reply, as: string, limitMs = 30_000): Promise<Reply> {
  if (started.status !== 202) throw new Error(`no job, but ${started.status} ${started.text}`);
  let reply = started;
  await until(async () => {
    reply = await client.get(`/jobs/${started.body.id}`, { as });
    return !['queued', 'running'].includes(reply.body.status);
  }, limitMs);
  return reply;
}

/** Starts a job and waits for its end. @returns the job. */
// oxlint-disable-next-line typescript/no-explicit-any -- as the bodies of answers
export async function done(client: ApiClient, type: string, of: { as: string; data: object }): Promise<any> {
  const started = await client.post('/process', { as: of.as, body: { type, data: of.data } });
  return (await jobEnded(client, started, of.as)).body;
}

export interface ImportLines {
  readonly as: string;
  /** Objects, or lines as they are sent. */
  readonly rows: readonly (object | string)[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer to a body of lines. */
export function sendLines(client: ApiClient, { as, rows, headers = {} }: ImportLines): Promise<Reply> {
  return client.post('/process?type=orders.import', {
    as,
    body: ndjson(rows),
    headers: { 'Content-Type': 'application/x-ndjson', ...headers },
  });
}

/** An import that has failed, so that its lines are still there. @returns its id. */
export async function aFailedImport(dataSource: DataSource, rows: readonly (object | string)[]): Promise<string> {
  const id = newId();
  await dataSource.query(
    `INSERT INTO jobs (id, type, status, request_id, delivery, finished_at)
     VALUES ($1, 'orders.import', 'failed', 'test', $1, now())`,
    [id],
  );
  const lines = Buffer.from(ndjson(rows));
  await dataSource.query('INSERT INTO job_lines (job_id, part, first_line, lines) VALUES ($1, 0, 1, $2)', [id, lines]);
  return id;
}

/** Lines that name this address: by letters of another case, by escapes, and where no JSON can be read. */
export function linesNaming(email: string): string[] {
  const escaped = `\\u${email.charCodeAt(0).toString(16).padStart(4, '0')}${email.slice(1)}`;
  return [
    JSON.stringify(aRow('names-1', email.toUpperCase())),
    JSON.stringify(aRow('names-2', email)).replace(email, escaped),
    `{"customerEmail":"${email}","items":[`,
  ];
}

/** Lines that name people whose addresses contain this one. */
export function linesOfNamesakes(email: string): string[] {
  return [
    JSON.stringify(aRow('other-1', `x${email}`)),
    JSON.stringify(aRow('other-2', `${email}m`)),
    `{"customerEmail":"x${email}","items":[`,
  ];
}

export function ndjson(rows: readonly (object | string)[]): string {
  return rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join('');
}

/** A row of an import: an order of 30.00 USD. */
export function aRow(externalId: string, customerEmail: string, members: object = {}): object {
  const items = [
    { sku: 'SKU-A', name: 'Item A', quantity: 1, unitPriceCents: 1_000 },
    { sku: 'SKU-B', name: 'Item B', quantity: 2, unitPriceCents: 1_000 },
  ];
  return { externalId, customerEmail, currency: 'USD', items, ...members };
}

/** Everything that imports have made of these external ids, by external id, recounted from the base tables. */
export const IMPORTED = `
  SELECT i.external_id AS "externalId", u.email, o.status, o.currency, o.total_cents AS "totalCents", o.note, o.version,
         o.paid_cents AS "paidCents", o.placed_at AS "placedAt", (
           SELECT json_agg(json_build_object('sku', sku, 'name', name, 'quantity', quantity, 'unitPriceCents', unit_price_cents,
             'lineCents', line_cents) ORDER BY position) FROM order_items WHERE order_id = o.id) AS items
  FROM order_imports i JOIN orders o ON o.id = i.order_id JOIN users u ON u.id = o.user_id
  WHERE i.external_id LIKE $1 ORDER BY i.external_id`;
