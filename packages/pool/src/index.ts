export { createPool } from './pool.ts';
export { defaultPoolOptions, type PoolOptions, poolOptions, type PoolOptionsInput } from './pool-options.ts';
export type { Pool, PoolHealth, PoolPorts, ProbeAges } from './pool-types.ts';
