import type { InstanceLifecycle } from '@drover/spec';
import { loopbackTimes } from './loopback-options.ts';

/** What is known about a VM at one moment. */
export interface VmFacts {
  /** Its first process: none has been recorded, it runs, or it has ended. */
  readonly leader: 'none' | 'alive' | 'dead';
  /** This driver is launching it. */
  readonly launching: boolean;
  /** This driver is ending it. */
  readonly ending: boolean;
  /** No process of it is left, and none will come. */
  readonly ended: boolean;
  /** It has told where its SSH server listens. */
  readonly up: boolean;
  /** Since its folder was made, by the wall clock. */
  readonly ageMs: number;
}

/**
 * Where a VM is in its life. One whose first process has ended is only `stopping`: what it started may still run, and
 * `terminated` is to prove that nothing does.
 */
export function lifecycleOf(facts: VmFacts): InstanceLifecycle {
  if (facts.ended) return 'terminated';
  if (facts.ending) return 'stopping';
  if (facts.leader === 'alive') return facts.up ? 'running' : 'pending';
  if (facts.leader === 'dead') return 'stopping';
  // A dispatcher that has just died may have started it a moment ago. The wall clock may have jumped either way.
  return facts.launching || Math.abs(facts.ageMs) < loopbackTimes.launchGraceMs ? 'pending' : 'stopping';
}
