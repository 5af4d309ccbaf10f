export { databaseProblem, violatesUnique } from './database-errors.js';
export { type DatabaseSettings, dataSourceOptions } from './data-source-options.js';
export { DatabaseModule, type DatabaseModuleOptions } from './database.module.js';
export { idAfter } from './keyset.js';
export { migrateSchema } from './migrate-schema.js';
export { newId } from './new-id.js';
export { type OpenDatabase, openDatabase } from './open-database.js';
export { Transaction } from './transaction.js';
export { VersionedEntity } from './versioned.entity.js';
