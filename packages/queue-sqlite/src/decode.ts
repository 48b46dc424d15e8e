import type { EntryShape } from '@drover/queue-rules';
import type {
  BehaviorDecision,
  ContainerResources,
  ContainerScheduling,
  ContainerSpec,
  CreateIntent,
  GpuNeeds,
  HostKeys,
  LogSummary,
  RunResult,
} from '@drover/spec';
import { damaged } from './codes.ts';

/** What the rules and the scheduler need of a spec; equal ones are stored once. */
export interface Shape extends EntryShape {
  readonly retry: ContainerSpec['retry'];
}

type Guard<T> = (value: unknown) => value is T;
type Fields = Record<string, unknown>;

/** Text of our own database back into what it was made from. @throws DroverError QUEUE_CORRUPT */
function reader<T>(name: string, guard: Guard<T>): (json: string) => T {
  return (json) => {
    let value: unknown;
    try {
      value = JSON.parse(json);
    } catch {
      throw damaged(`a ${name} is not JSON`);
    }
    if (!guard(value)) throw damaged(`a ${name} has not the form it was written in`);
    return value;
  };
}

const fields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const text: Guard<string> = (value) => typeof value === 'string';
/** JSON has no NaN and no infinity: what is none of its numbers would not come back. */
const number: Guard<number> = (value): value is number => typeof value === 'number' && Number.isFinite(value);
const flag: Guard<boolean> = (value) => typeof value === 'boolean';
const absent = (value: unknown): value is undefined => value === undefined;
const optional = (value: unknown, guard: Guard<unknown>): boolean => absent(value) || guard(value);
const listOf =
  <T>(guard: Guard<T>): Guard<readonly T[]> =>
  (value): value is readonly T[] =>
    Array.isArray(value) && value.every(guard);

const texts = listOf(text);

const isGpu = (v: unknown): v is GpuNeeds =>
  fields(v) &&
  text(v['stack']) &&
  number(v['count']) &&
  number(v['vramBytes']) &&
  optional(v['driverVersion'], text) &&
  texts(v['hardwareTargets']);

const isResources = (v: unknown): v is ContainerResources =>
  fields(v) &&
  [v['vcpus'], v['ramBytes'], v['cacheRamBytes'], v['cacheDiskBytes']].every(number) &&
  listOf(number)(v['scratchBytes']) &&
  optional(v['gpu'], isGpu);

const isScheduling = (v: unknown): v is ContainerScheduling =>
  fields(v) &&
  number(v['priority']) &&
  (flag(v['preemptible']) || v['preemptible'] === 'prefer') &&
  flag(v['supervisor']) &&
  optional(v['maxRunTimeMs'], number) &&
  optional(v['instanceTypes'], texts) &&
  optional(v['maxPricePerHour'], number);

const isRetry = (v: unknown): v is ContainerSpec['retry'] =>
  fields(v) &&
  number(v['attempts']) &&
  texts(v['on']) &&
  v['on'].every((reason) => reason === 'exit-code' || reason === 'timeout' || reason === 'oom');

const isShape = (v: unknown): v is Shape =>
  fields(v) &&
  isResources(v['resources']) &&
  isScheduling(v['scheduling']) &&
  isRetry(v['retry']) &&
  optional(v['image'], text);

const isEnv = (v: unknown): v is ContainerSpec['env'] => fields(v) && Object.values(v).every(text);

/** True when it can be stored and read again. */
export const isSpec = (v: unknown): v is ContainerSpec =>
  isShape(v) &&
  fields(v) &&
  optional(v['name'], text) &&
  texts(v['command']) &&
  isEnv(v['env']) &&
  optional(v['cwd'], text);

const isLogSummary = (v: unknown): v is LogSummary =>
  fields(v) &&
  (v['stream'] === 'stdout' || v['stream'] === 'stderr') &&
  number(v['sizeBytes']) &&
  number(v['droppedBytes']) &&
  text(v['sha256']);

/** True when it can be stored and read again. */
export const isResult = (v: unknown): v is RunResult =>
  fields(v) &&
  optional(v['exitCode'], number) &&
  optional(v['signal'], text) &&
  optional(v['startError'], text) &&
  optional(v['peakRamBytes'], number) &&
  [v['oom'], v['timedOut'], v['killed'], v['preempted'], v['unknown']].every(flag) &&
  number(v['startedAtMs']) &&
  number(v['finishedAtMs']) &&
  listOf(isLogSummary)(v['logs']);

const isIntent = (v: unknown): v is CreateIntent =>
  fields(v) &&
  [v['createId'], v['instanceType'], v['offeringId']].every(text) &&
  number(v['count']) &&
  number(v['createdAtMs']) &&
  texts(v['secrets']);

const isBehaviorDecision = (v: unknown): v is BehaviorDecision =>
  fields(v) &&
  (v['behavior'] === 'run' || v['behavior'] === 'hold' || v['behavior'] === 'drain') &&
  number(v['epoch']) &&
  number(v['number']);

export const readShape = reader<Shape>('shape', isShape);
export const readSpec = reader<ContainerSpec>('container', isSpec);
export const readResult = reader<RunResult>('result', isResult);
export const readIntent = reader<CreateIntent>('create intent', isIntent);
export const readBehaviorDecision = reader<BehaviorDecision>('decision about an instance', isBehaviorDecision);
export const readHostKeys = reader<HostKeys>('host key list', texts);
export const readText = reader<string>('text', text);
export const readTexts = reader<readonly string[]>('list of texts', texts);
