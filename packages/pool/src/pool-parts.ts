import type { BehaviorDecision, CreateDecline, Instance, InstanceId, Observe } from '@drover/spec';
import { CreateGates, throttled, type ThrottledInstanceSet } from '@drover/throttle';
import { ChangeSignal } from './change-signal.ts';
import type { ConnectionContext } from './connection-context.ts';
import type { PendingVm } from './create-batch.ts';
import { CreateCalls } from './create-calls.ts';
import { CreateDesk } from './create-desk.ts';
import { Fleet } from './fleet.ts';
import { GoodRuns } from './good-runs.ts';
import type { PinnedKeys } from './host-identity.ts';
import type { Origin } from './new-worker.ts';
import { type EffectContext, performEffect } from './pool-effects.ts';
import { Listings } from './pool-listings.ts';
import { type PoolOptions, poolOptions } from './pool-options.ts';
import type { PoolPorts } from './pool-types.ts';
import { ProbeQueue } from './probe-queue.ts';
import { RunLedger } from './run-ledger.ts';
import { RunnerLoader } from './runner-loader.ts';
import { SyncLoop } from './sync-loop.ts';
import type { Worker } from './worker.ts';
import type { WorkerConnection } from './worker-connection.ts';

/** What the parts ask of the pool that they make up. */
export interface PoolHooks {
  readonly blocked: () => CreateDecline | undefined;
  readonly onChange: () => void;
  readonly add: (instance: Instance, origin: Origin) => void;
  readonly onGone: (id: InstanceId) => void;
  readonly remembered: () => readonly InstanceId[];
  readonly forget: (id: InstanceId) => void;
  readonly recordBehavior: (id: InstanceId, decision: BehaviorDecision) => void;
  /** Every VM that appeared is written down. */
  readonly saveKnown: () => Promise<boolean>;
  readonly onComplete: () => void;
}

/** The parts of a pool, wired to each other. */
export interface PoolParts {
  readonly options: PoolOptions;
  readonly abort: AbortController;
  readonly observe: Observe;
  readonly instanceSet: ThrottledInstanceSet;
  readonly gates: CreateGates;
  readonly desk: CreateDesk;
  readonly calls: CreateCalls;
  readonly fleet: Fleet<WorkerConnection>;
  readonly ledger: RunLedger;
  readonly probes: ProbeQueue;
  readonly listings: Listings;
  readonly syncLoop: SyncLoop;
  readonly loader: RunnerLoader;
  readonly changes: ChangeSignal;
  readonly connectionContext: (pins: PinnedKeys) => ConnectionContext;
}

/** While an address, an end or the fate of a create is awaited, listings come at least this often. */
const urgentSyncMs = 10_000;

/** Builds the parts. */
export function assemble(ports: PoolPorts, hooks: PoolHooks): PoolParts {
  const { clock, random } = ports;
  const options = poolOptions(ports.options);
  const abort = new AbortController();
  const { signal } = abort;
  const observe = contained(ports.observe, hooks);
  const onWake = (): void => {
    creating.desk.capacityChanged();
    hooks.onChange();
  };
  const instanceSet = throttled(ports.instanceSet, { clock, observe, options: options.throttle, onWake });
  const gates = new CreateGates({ clock, options: options.throttle, onWake });
  const loader = new RunnerLoader({
    clock,
    source: ports.runner,
    retryMs: options.cloudErrorRetryMs,
    signal,
    onLoaded: hooks.onChange,
  });
  const base: Base = { options, abort, observe, instanceSet, gates, loader, changes: new ChangeSignal() };
  const working = assembleFleet(base, ports, hooks, {
    onDestroyed: (id) => listing.listings.askSoon(id),
    onListingWanted: () => listing.syncLoop.review(),
  });
  const creating = assembleCreating(base, ports, hooks, { fleet: working.fleet, onWake });
  const listing = assembleListing({ ...base, ...working, ...creating }, ports, hooks);
  const connectionContext = (pins: PinnedKeys): ConnectionContext => ({
    clock,
    random,
    options,
    epoch: ports.epoch,
    pins,
    hostKeys: instanceSet.hostKeys?.bind(instanceSet),
    runner: () => loader.runner,
    gatewaySecret: ports.gatewaySecret ?? (() => ''),
  });
  return { ...base, ...working, ...creating, ...listing, connectionContext };
}

type Base = Pick<PoolParts, 'options' | 'abort' | 'observe' | 'instanceSet' | 'gates' | 'loader' | 'changes'>;
type Working = Pick<PoolParts, 'fleet' | 'ledger' | 'probes'>;
type Creating = Pick<PoolParts, 'desk' | 'calls'>;

function assembleFleet(
  base: Base,
  ports: PoolPorts,
  hooks: PoolHooks,
  wishes: Pick<EffectContext, 'onDestroyed' | 'onListingWanted'>,
): Working {
  const { clock, random } = ports;
  const { options, observe, instanceSet, abort } = base;
  const { onChange, recordBehavior } = hooks;
  const fleet: Fleet<WorkerConnection> = new Fleet({
    clock,
    options,
    observe,
    onChange,
    perform: (member, effect) => performEffect(effects, member, effect),
  });
  const probes = new ProbeQueue(clock, options.maxProbesPerSecond, (id, attempt) => {
    fleet.dispatch(id, { type: 'probe-turn', attempt });
  });
  const ledger = new RunLedger();
  const effects = {
    clock,
    random,
    instanceSet,
    fleet,
    probes,
    ledger,
    goodRuns: new GoodRuns(),
    signal: abort.signal,
    onChange,
    recordBehavior,
    ...wishes,
  };
  return { fleet, ledger, probes };
}

function assembleCreating(
  { options, observe, instanceSet, gates, abort: { signal } }: Base,
  { clock, random, stateStore }: PoolPorts,
  { blocked, onChange, add, saveKnown }: PoolHooks,
  { fleet, onWake }: { readonly fleet: Fleet<WorkerConnection>; readonly onWake: () => void },
): Creating {
  const desk = new CreateDesk({
    clock,
    random,
    options,
    instanceSet,
    gates,
    workers: () => fleet.size,
    blocked,
    onChange,
  });
  const wakeAt = (untilMs: number): void => {
    const cancel = clock.timer(untilMs - clock.monotonicMs(), () => {
      signal.removeEventListener('abort', cancel);
      onWake();
    });
    signal.addEventListener('abort', cancel, { once: true });
  };
  const onInstance = (instance: Instance, vm: PendingVm): void => {
    const { id: offeringId, pricePerHour } = vm.offering;
    add(instance, { createdHere: true, offeringId, pricePerHour, secret: vm.secret });
  };
  const calls = new CreateCalls({
    clock,
    options,
    observe,
    instanceSet,
    stateStore,
    gates,
    desk,
    signal,
    onInstance,
    onChange,
    wakeAt,
    saveKnown,
  });
  return { desk, calls };
}

function assembleListing(
  { options, instanceSet, gates, abort: { signal }, fleet, desk, calls }: Base & Working & Creating,
  { clock }: PoolPorts,
  { add, onChange, remembered, forget, onComplete }: PoolHooks,
): Pick<PoolParts, 'listings' | 'syncLoop'> {
  const listings = new Listings({
    clock,
    options,
    instanceSet,
    fleet,
    desk,
    calls,
    gates,
    signal,
    add,
    remembered,
    forget,
    onComplete,
    onChange,
  });
  const syncLoop = new SyncLoop({
    clock,
    sync: () => listings.sync(),
    intervalMs: options.syncIntervalMs,
    urgentMs: urgentSyncMs,
    isUrgent: () =>
      listings.isSearching || desk.book.doubtful > 0 || fleet.members().some(({ worker }) => awaitsListing(worker)),
  });
  return { listings, syncLoop };
}

/** An observer that throws harms nobody; the pool itself listens for the end of VMs. */
function contained(observe: Observe, { onGone }: PoolHooks): Observe {
  return (event) => {
    if (event.type === 'instance-gone') onGone(event.instanceId);
    try {
      observe(event);
    } catch {
      // Nothing to tell it to.
    }
  };
}

function awaitsListing({ instance, state, shutdown }: Worker): boolean {
  return (state === 'booting' && instance.address === '') || shutdown?.acceptedAtMs !== undefined;
}
