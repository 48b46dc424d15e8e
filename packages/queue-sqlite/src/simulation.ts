export { readSpec } from './decode.ts';
export type { SqliteQueue } from './open.ts';
export { needsLead, type Reply, type Request, type RequestOf } from './protocol.ts';
export { type Batch, SharedDatabase, type SharedDatabaseOptions } from './shared-database.ts';
