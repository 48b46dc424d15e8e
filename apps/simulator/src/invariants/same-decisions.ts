import type { Invariant } from './invariant.ts';

/** What decides about one VM. */
export interface VmPicture {
  readonly id: string;
  readonly type: string;
  readonly state: string;
  readonly behavior: string;
  /** `uuid/generation` of what runs there, sorted. */
  readonly runs: readonly string[];
  readonly uncollected: number;
}

/** All that a dispatcher decides by, and what it would do next. */
export interface Picture {
  readonly vms: readonly VmPicture[];
  readonly actions: readonly string[];
}

/**
 * 27: a dispatcher that was killed now and started anew would decide as the one that runs. Asked in quiet moments, when nothing
 * is under way anywhere: what the running one knows must be what durable state says (the cloud's tags, the VMs' runners, the
 * queue, the state store), and the plan made from either must be the same. What is volatile on purpose (limits, holds) goes into
 * both alike.
 */
export function sameDecisions(ports: {
  /** Undefined: not now. */
  readonly pictures: () => { readonly running: Picture; readonly recovered: Picture } | undefined;
  /** Told of every comparison. */
  readonly onCompared: () => void;
}): Invariant {
  return {
    number: 27,
    rule: 'crash and recovery reach the same decisions, volatile memory (limits, holds) aside',
    review: () => {
      const pictures = ports.pictures();
      if (pictures === undefined) return undefined;
      ports.onCompared();
      const { running, recovered } = pictures;
      return (
        difference('knows', running.vms.map(describe), recovered.vms.map(describe)) ??
        difference('would do', running.actions, recovered.actions)
      );
    },
  };
}

function difference(verb: string, running: readonly string[], recovered: readonly string[]): string | undefined {
  const [ours, theirs] = [new Set(running), new Set(recovered)];
  const only = running.filter((one) => !theirs.has(one));
  const missing = recovered.filter((one) => !ours.has(one));
  if (only.length === 0 && missing.length === 0) return undefined;
  return `the running dispatcher alone ${verb} [${only.join('; ')}], one started anew alone ${verb} [${missing.join('; ')}]`;
}

function describe({ id, type, state, behavior, runs, uncollected }: VmPicture): string {
  return `${id} ${type} ${state} ${behavior} runs ${runs.join(',')} holds ${uncollected}`;
}
