import type { Dispatcher, DispatcherStatus } from '@drover/compose';
import type { ApiDeps, ApiHealth, QueueViewEntry } from '@drover/management-api';
import type { Metrics } from '@drover/observe';
import { rejectionsOf, type SchedulerOptions } from '@drover/scheduler';
import { type Clock, type ContainerStore, DroverError, type PoolOutcome, type Unsubscribe } from '@drover/spec';
import { eligibleTypes } from './eligible-types.ts';

/** What the API is made from. */
export interface ApiParts {
  readonly version: string;
  readonly clock: Clock;
  readonly token: string;
  readonly dispatcher: Dispatcher;
  readonly store: ContainerStore;
  readonly onStoreChange: (listener: () => void) => Unsubscribe;
  readonly metrics: Metrics;
  readonly schedulerOptions: SchedulerOptions;
  readonly onFault: NonNullable<ApiDeps['onFault']>;
}

/** Joins the API to a dispatcher. */
export function apiDeps(parts: ApiParts): ApiDeps {
  const { dispatcher, schedulerOptions: options } = parts;
  const { pool, scheduler } = dispatcher;
  return {
    version: parts.version,
    clock: parts.clock,
    tokens: [{ value: parts.token, role: 'operator' }],
    store: parts.store,
    onStoreChange: parts.onStoreChange,
    why: (uuid) => scheduler.why(uuid),
    explainTypes: (spec) => ({
      eligibleTypes: eligibleTypes(spec, options).map((type) => type.name),
      rejections: rejectionsOf(spec, options),
    }),
    queueView: () => queueView(dispatcher, options),
    instances: () => pool.instances(),
    instanceTypes: options.instanceTypes,
    operations: {
      setIdleBehavior: async (id, behavior, reason) => found(await pool.setBehavior(id, behavior, reason)),
      killInstance: (id, reason) => found(pool.killInstance(id, reason)),
      killContainer: (uuid, reason) => pool.apply([{ kind: 'kill', uuid, reason }])[0]?.kind === 'done',
    },
    metrics: { text: () => parts.metrics.text(), json: () => parts.metrics.json() },
    health: () => health(dispatcher.status()),
    onFault: parts.onFault,
  };
}

/** Ready as soon as the first complete listing is in; unhealthy once the lead is lost. */
function health({ phase, health: pool }: DispatcherStatus): ApiHealth {
  const lost = phase === 'lost' ? ['another dispatcher leads this queue'] : [];
  return {
    healthy: pool.ok && phase !== 'lost',
    ready: phase === 'ready' || phase === 'draining',
    messages: [...lost, ...pool.problems],
  };
}

/** @throws DroverError API_CONFLICT when the VM is being shut down already */
function found(outcome: PoolOutcome): boolean {
  if (outcome.kind !== 'declined') return true;
  if (outcome.reason === 'busy')
    throw new DroverError('API_CONFLICT', 'the instance is being shut down already, which cannot be taken back');
  return outcome.reason !== 'not-found';
}

function queueView({ scheduler }: Dispatcher, options: SchedulerOptions): readonly QueueViewEntry[] {
  return scheduler.queueItems().map(({ entry, code, firstSeenAtMs }) => ({
    uuid: entry.uuid,
    state: entry.state,
    priority: entry.priority,
    submittedAtMs: entry.submittedAtMs,
    ...(entry.image === undefined ? {} : { image: entry.image }),
    resources: entry.resources,
    scheduling: entry.scheduling,
    firstSeenAtMs,
    schedulingStatus: code === undefined ? '' : (scheduler.why(entry.uuid)?.sentence ?? code),
    instanceTypes: eligibleTypes(entry, options),
  }));
}
