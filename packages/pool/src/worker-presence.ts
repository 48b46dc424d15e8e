import { decisionTag, taggedNumber } from './behavior-decision.ts';
import { InstanceTag, tagKey } from './tags.ts';
import type { Instance } from '@drover/spec';
import { endRun } from './worker-runs.ts';
import { markPreempted } from './worker-status.ts';
import type { Worker } from './worker.ts';
import { beginShutdown, destroyAgain, drain, dropLink } from './worker-shutdown.ts';
import type { WorkerStep } from './worker-step.ts';

/** The cloud still knows the VM. `tags`: whether its tags are complete enough to be compared. */
export function seen(step: WorkerStep, instance: Instance, tags: boolean): void {
  const before = step.worker.instance;
  const pricePerHour = instance.pricePerHour ?? step.worker.pricePerHour;
  // Most of what is listed is as it was; then there is nothing to make anew.
  if (!tags) step.set({ instance: { ...instance, tags: { ...before.tags, ...instance.tags } }, pricePerHour });
  else if (instance !== before || pricePerHour !== step.worker.pricePerHour) step.set({ instance, pricePerHour });
  if (before.address === '' && instance.address !== '' && step.worker.readyAtMs === undefined)
    step.set({ probeDueAtMs: step.now.ms });
  if (instance.lifecycle === 'terminated') {
    vanished(step, 'the cloud lists it as terminated');
    return;
  }
  if (instance.lifecycle === 'stopping' && step.worker.shutdown === undefined) {
    const reason = 'the cloud is taking it away';
    if (step.worker.type.preemptible) markPreempted(step, reason);
    drain(step, reason);
    if (step.worker.idleBehavior !== 'hold') beginShutdown(step, reason, true);
  }
  destroyAgain(step);
}

/** There is proof that the VM is gone, and with it whatever ran there. */
export function vanished(step: WorkerStep, evidence: string): void {
  const { worker, now } = step;
  if (worker.gone) return;
  step.setOutcome(worker.shutdown === undefined ? 'disappeared' : 'aborted', evidence);
  const reason = wasTakenAway(worker) ? 'preempted' : 'instance-lost';
  for (const run of worker.runs) endRun(step, run, reason, evidence);
  for (const { uuid, generation, collected, whole } of worker.uncollected) {
    if (collected || whole) continue;
    const run = { uuid, generation, instanceId: worker.instance.id, atMs: now.ms, reason, detail: evidence } as const;
    step.effect({ kind: 'exited', run });
    step.event({ type: 'container-exited', uuid, generation, instanceId: worker.instance.id, reason });
  }
  step.event({
    type: 'instance-gone',
    instanceId: worker.instance.id,
    instanceType: worker.type.name,
    state: worker.state,
    ...(worker.shutdown === undefined ? {} : { sinceShutdownMs: now.ms - worker.shutdown.requestedAtMs }),
  });
  step.set({ gone: true, runs: [], uncollected: [] });
  dropLink(step);
}

/** Its notice may never have been heard: a spot VM that ends while nobody asked for that was wanted back, as far as one can tell. */
function wasTakenAway({ preempted, type, shutdown }: Worker): boolean {
  return preempted !== undefined || (type.preemptible && shutdown === undefined);
}

/** Writes the tags that differ from the truth, which is here. One call at a time. */
export function reviewTags(step: WorkerStep): void {
  const { worker, options } = step;
  if (worker.settingTags || worker.state === 'shutdown' || worker.gone) return;
  // A later dispatcher has decided about it: this one has lost the lead and does not know it yet.
  if (taggedNumber(options, worker.instance).epoch > worker.epoch) return;
  const { idleBehavior, decision, typeConfigured, type, instance } = worker;
  // Looked at for each VM of each listing, and right nearly always.
  const differs = (name: string, value: string): boolean => instance.tags[tagKey(options, name)] !== value;
  const number = decision.epoch > 0 ? decisionTag(decision) : undefined;
  const decided =
    differs(InstanceTag.idleBehavior, idleBehavior) || (number !== undefined && differs(InstanceTag.decision, number));
  const typed = typeConfigured && differs(InstanceTag.instanceType, type.name);
  if (!decided && !typed) return;
  step.set({ settingTags: true });
  step.effect({
    kind: 'set-tags',
    tags: {
      // Both or neither: the listed tags may be old, and a number beside another behaviour than its own says what nobody decided.
      ...(decided && { [tagKey(options, InstanceTag.idleBehavior)]: idleBehavior }),
      ...(decided && number !== undefined && { [tagKey(options, InstanceTag.decision)]: number }),
      ...(typed && { [tagKey(options, InstanceTag.instanceType)]: type.name }),
    },
  });
}
