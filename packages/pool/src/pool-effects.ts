import type { BehaviorDecision, Clock, Instance, InstanceId, Random } from '@drover/spec';
import type { ThrottledInstanceSet } from '@drover/throttle';
import { toError } from '@drover/throttle';
import type { Fleet, Member } from './fleet.ts';
import type { GoodRuns } from './good-runs.ts';
import type { ProbeQueue } from './probe-queue.ts';
import type { RunLedger } from './run-ledger.ts';
import type { WorkerConnection } from './worker-connection.ts';
import type { WorkerEffect } from './worker-protocol.ts';

/** What effects of workers act on. */
export interface EffectContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly instanceSet: ThrottledInstanceSet;
  readonly fleet: Fleet<WorkerConnection>;
  readonly probes: ProbeQueue;
  readonly ledger: RunLedger;
  readonly goodRuns: GoodRuns;
  readonly signal: AbortSignal;
  /** The scheduler should look again. */
  readonly onChange: () => void;
  /** To be kept, as far as the store takes it. */
  readonly recordBehavior: (id: InstanceId, decision: BehaviorDecision) => void;
  /** The cloud has accepted the end of this VM. */
  readonly onDestroyed: (id: InstanceId) => void;
  /** A listing will tell more, soon. */
  readonly onListingWanted: () => void;
}

/** Performs one effect of one worker. What comes of it comes back as an event. */
export function performEffect(
  context: EffectContext,
  { worker, attachment: connection }: Member<WorkerConnection>,
  effect: WorkerEffect,
): void {
  const { fleet, probes, ledger, goodRuns, clock, onChange } = context;
  const { id } = worker.instance;
  switch (effect.kind) {
    case 'queue-probe':
      return probes.add(id, effect.attempt);
    case 'run-probe':
      return connection.probe(worker, effect, (result) => {
        const jitter = context.random.next();
        fleet.dispatch(id, { type: 'probe-ended', attempt: effect.attempt, result, jitter });
      });
    case 'send-start':
      return connection.sendStart(effect.container, effect.gpuDevices);
    case 'send-kill':
      return connection.sendKill(effect.uuid, effect.generation);
    case 'send-ack':
      return connection.sendAck(effect.uuid, effect.generation, effect.hash);
    case 'send-drain':
      return connection.sendDrain(effect.on);
    case 'send-leases':
      return connection.sendLeases(effect.deadManMs);
    case 'disconnect':
      probes.remove(id);
      return connection.close();
    case 'destroy':
      return destroy(context, worker.instance, effect.attempt);
    case 'set-tags':
      return setTags(context, worker.instance, effect.tags);
    case 'record-behavior':
      return context.recordBehavior(id, effect.decision);
    case 'finished':
      ledger.addFinished(effect.run);
      return onChange();
    case 'exited':
      ledger.addExited(effect.run);
      return onChange();
    case 'good-run':
      return goodRuns.add(id, clock.monotonicMs());
    case 'suspect':
      if (goodRuns.elsewhere(id, effect.sinceMs)) fleet.dispatch(id, { type: 'black-hole', reason: effect.detail });
      return;
    default:
      return unreachable(effect);
  }
}

function destroy(
  { instanceSet, fleet, signal, onDestroyed, onListingWanted }: EffectContext,
  instance: Instance,
  attempt: number,
): void {
  const answered = (error: Error | undefined): void => {
    if (signal.aborted) return;
    fleet.dispatch(instance.id, { type: 'destroy-answered', attempt, error });
    if (error === undefined) onDestroyed(instance.id);
    onListingWanted();
  };
  instanceSet.destroy(instance, { signal }).then(
    () => answered(undefined),
    (thrown: unknown) => answered(toError(thrown)),
  );
}

function setTags({ instanceSet, fleet, signal }: EffectContext, instance: Instance, tags: Instance['tags']): void {
  const answered = (id: InstanceId, set: Instance['tags'] | undefined): void => {
    if (!signal.aborted) fleet.dispatch(id, { type: 'tags-answered', tags: set });
  };
  instanceSet.setTags(instance, tags, { signal }).then(
    () => answered(instance.id, tags),
    () => answered(instance.id, undefined),
  );
}

function unreachable(effect: never): never {
  throw new Error(`no such worker effect: ${JSON.stringify(effect)}`);
}
