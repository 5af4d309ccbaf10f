import type { DataSource } from 'typeorm';
import { AuditRecord } from '../../apps/api/src/audit/index.js';
import type { Reply } from './api-client.js';

/** Everything that a request, or its job, has left in the log, oldest first, without ids and times. */
export async function recordedBy(dataSource: DataSource, of: Reply | string): Promise<object[]> {
  const requestId = typeof of === 'string' ? of : of.headers['x-request-id'];
  if (requestId === undefined) throw new Error('the answer has no X-Request-ID');
  const records = await dataSource
    .getRepository(AuditRecord)
    .find({ where: { requestId }, order: { at: 'ASC', id: 'ASC' } });
  return records.map(({ id: _id, at: _at, requestId: _requestId, ...told }) => told);
}

export function countRecords(dataSource: DataSource): Promise<number> {
  return dataSource.getRepository(AuditRecord).count();
}
