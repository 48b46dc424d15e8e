export { SeededRandom } from './seeded-random.ts';
export type { StrikeGate } from './strike-gate.ts';
export { settle, SimulatedClock, type SimulatedClockOptions } from './simulated-clock.ts';
export * from './cloud/index.ts';
export * from './queue/index.ts';
export * from './host/index.ts';
