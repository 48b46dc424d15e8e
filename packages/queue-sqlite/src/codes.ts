import { type ContainerEvent, type ContainerState, DroverError, type LogStream } from '@drover/spec';

/** The place in each list is the number in the database; only ever add at the end. */
export const states = ['Queued', 'Locked', 'Running', 'Complete', 'Cancelled'] as const satisfies ContainerState[];
export const eventKinds = [
  'submitted',
  'locked',
  'unlocked',
  'started',
  'finished',
  'lost',
  'cancelled',
  'priority',
] as const satisfies ContainerEvent['kind'][];
export const streams = ['stdout', 'stderr'] as const satisfies LogStream[];
export const outcomes = [
  'result',
  'unlocked',
  'cancelled',
  'instance-lost',
  'preempted',
  'boot-failed',
  'start-failed',
  'runner-lost',
] as const;

/** The name of a number. @throws DroverError QUEUE_CORRUPT when there is none */
export function nameOf<T extends string>(list: readonly T[], code: number): T {
  const name = list[code];
  if (name === undefined) throw damaged(`no meaning for the number ${code}`);
  return name;
}

/** The database holds something that drover never wrote. */
export function damaged(what: string): DroverError {
  return new DroverError('QUEUE_CORRUPT', `the queue database is damaged: ${what}`, {
    fix: 'restore it from a backup',
  });
}
