import type { ContainerState, WorkerState } from '@drover/spec';
import { paint } from './terminal.ts';

const colours = {
  Queued: 'yellow',
  Locked: 'yellow',
  Running: 'cyan',
  Complete: 'green',
  Cancelled: 'red',
  unknown: 'dim',
  booting: 'yellow',
  idle: 'green',
  running: 'cyan',
  shutdown: 'dim',
} as const satisfies Record<ContainerState | WorkerState, Parameters<typeof paint>[0]>;

/** A state in its colour. */
export function paintState(text: string, state: ContainerState | WorkerState, stream?: NodeJS.WriteStream): string {
  return paint(colours[state], text, stream);
}
