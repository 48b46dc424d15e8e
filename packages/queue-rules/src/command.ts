import type { LossRecord, RunResult, StartRecord } from '@drover/spec';

/** One move that somebody asks for. `generation` is the one that the caller rests on. */
export type Command =
  | { readonly kind: 'lock'; readonly generation: number }
  | { readonly kind: 'unlock'; readonly generation: number; readonly reason: string }
  | { readonly kind: 'started'; readonly generation: number; readonly record: StartRecord }
  | { readonly kind: 'finished'; readonly generation: number; readonly result: RunResult; readonly start?: StartRecord }
  | { readonly kind: 'lost'; readonly generation: number; readonly loss: LossRecord }
  | { readonly kind: 'cancel'; readonly generation: number; readonly reason: string }
  | { readonly kind: 'priority'; readonly priority: number; readonly reason: string };

/** The part of a call's options that belongs into `finished`. */
export function startOf({ start }: { readonly start?: StartRecord }): { readonly start?: StartRecord } {
  return start === undefined ? {} : { start };
}

/** A command of one kind. */
export type CommandOf<K extends Command['kind']> = Extract<Command, { readonly kind: K }>;
