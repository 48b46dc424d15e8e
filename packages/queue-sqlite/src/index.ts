export { checkQueue, type QueueFinding } from './check-queue.ts';
export { type InstanceLock, takeInstanceLock } from './instance-lock.ts';
export { openSqliteQueue, type SqliteQueue } from './open.ts';
export type { SqliteQueueOptions } from './sqlite-options.ts';
