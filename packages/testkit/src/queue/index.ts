export { type DatabaseCall, FaultyCalls, type FaultyCallsPorts } from './faulty-calls.ts';
export type { MemoryConnection } from './memory-connection.ts';
export { MemoryQueue } from './memory-queue.ts';
export type { MemoryQueueOptions, QueueRules } from './memory-queue-options.ts';
export { ModelContainer, type ModelEnd, type ModelOutcome, type ModelStep } from './queue-model.ts';
export type { QueueFault, QueueFaultPolicy, QueueOperation } from './queue-faults.ts';
