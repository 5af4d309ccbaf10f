export { type AuditEntry, AuditLog } from './audit-log.js';
export { AuditModule } from './audit.module.js';
export { AuditRecord } from './audit-record.entity.js';
