import type { ContainerUuid, TypeRejection, WhyAnswer, WhyCode } from '@drover/spec';
import { maxSupervisorsOf } from './dynamic-limit.ts';
import type { PlanInput, PlanMemory } from './plan-types.ts';
import { type QueueRecord, compareRecords } from './queue-record.ts';
import { rejectionMessage, rejectionsOf } from './rejections.ts';
import { limitCountsVms } from './scheduler-options.ts';
import { lowerBound } from './sorted-merge.ts';
import { whySentence } from './why-sentence.ts';

/** Codes of containers that have no place in a queue (any more). */
const placed: ReadonlySet<WhyCode> = new Set(['starting', 'running', 'finished', 'unsatisfiable', 'priority-zero']);

/**
 * Why a container waits, worked out when asked. `input` and `memory` are those of the last pass (the memory it returned);
 * `wallOffsetMs` is wall clock minus monotonic clock. Undefined: the last pass did not know it, or it is final.
 */
export function why(
  uuid: ContainerUuid,
  input: PlanInput,
  memory: PlanMemory,
  wallOffsetMs: number,
): WhyAnswer | undefined {
  const record = memory.index.records.get(uuid);
  if (record?.code === undefined) return undefined;
  const { code, demand, entry, sinceMs } = record;
  const position = placed.has(code) ? undefined : positionOf(record, memory);
  const eligibleTypes = demand.shape.types.map((type) => type.name);
  const { options, pool } = input;
  const { dynamicLimit } = memory.limits;
  const sentence = whySentence(code, {
    entry,
    position,
    eligibleTypes,
    dynamicLimit,
    limitCountsVms: limitCountsVms(options),
    maxSupervisors: maxSupervisorsOf(dynamicLimit, options.supervisorFraction),
    notes: pool.admission.notes,
    instances: pool.workers.length,
    instanceId: memory.index.runs.runsOf(uuid).at(-1)?.instanceId,
    rejection: code === 'unsatisfiable' ? rejectionMessage(entry, options) : '',
  });
  return {
    uuid,
    code,
    sentence,
    ...(position === undefined ? {} : { position }),
    sinceMs: sinceMs + wallOffsetMs,
    eligibleTypes,
    rejections: [...rejectionsOf(entry, options), ...capacityRejections(eligibleTypes, input)],
  };
}

/** Eligible types that the cloud cannot supply at present. */
function capacityRejections(eligibleTypes: readonly string[], input: PlanInput): readonly TypeRejection[] {
  const { typesAtCapacity } = input.pool.admission;
  return eligibleTypes
    .filter((name) => typesAtCapacity.has(name))
    .map((instanceType) => ({
      instanceType,
      constraint: 'at-capacity',
      message: 'the cloud cannot supply it at present',
    }));
}

/** Place among those that are not running, counted from 1. */
function positionOf(record: QueueRecord, memory: PlanMemory): number {
  const { order } = memory.index;
  const firstWaiting = lowerBound(order, (other) => !other.settled);
  return lowerBound(order, (other) => compareRecords(other, record) >= 0) - firstWaiting + 1;
}
