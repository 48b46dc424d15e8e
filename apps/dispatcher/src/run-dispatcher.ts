import { composeDispatcher } from '@drover/compose';
import { createApi } from '@drover/management-api';
import { createLogger, createMetrics, type Metrics } from '@drover/observe';
import { defaultSchedulerOptions } from '@drover/scheduler';
import type { DispatchEvent } from '@drover/spec';
import { apiDeps } from './api-deps.ts';
import type { ConfigFile } from './config/config-schema.ts';
import { pacingSettings, poolSettings, schedulingSettings } from './config/pool-settings.ts';
import { readSecret } from './config/secret-reference.ts';
import { fleetGaugesReader } from './fleet-gauges.ts';
import { openPorts } from './open-ports.ts';
import { systemClock } from './ports/system-clock.ts';
import { systemRandom } from './ports/system-random.ts';
import { StateDirectory } from './state-directory.ts';
import { version } from './version.ts';

/** What the caller may add. */
export interface DispatcherHooks {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Sees every event beside the log. */
  readonly observe?: (event: DispatchEvent) => void;
}

/** A dispatcher at work. */
export interface RunningDispatcher {
  /** Base URL of the API. */
  readonly url: string;
  readonly token: string;
  /** VMs that are there now, and containers on them. */
  left(): { readonly instances: number; readonly containers: number };
  /** Keeps VMs and work unless `drain`: then every VM that is not on hold is emptied and shut down first. */
  stop(options: { readonly drain: boolean; readonly signal?: AbortSignal }): Promise<void>;
}

/**
 * Configuration → ports → composition → API. Resolves once the API listens; recovery goes on behind it.
 * @throws ConfigError, DroverError QUEUE_IN_USE, API_PORT_IN_USE and what the driver says; nothing is left open then
 */
export async function runDispatcher(config: ConfigFile, hooks: DispatcherHooks = {}): Promise<RunningDispatcher> {
  const env = hooks.env ?? process.env;
  const state = new StateDirectory(config.stateDirectory);
  const token =
    config.api.token === undefined
      ? state.keepRandom('token', systemRandom, 24)
      : readSecret('api.token', config.api.token, env);
  const ports = await openPorts(config, state, env);
  const logger = createLogger({ level: config.logs.level, secrets: [token, ports.ssh.privateKey] });
  const schedulerOptions = {
    ...defaultSchedulerOptions,
    ...schedulingSettings(config),
    instanceTypes: ports.instanceTypes,
  };
  let metrics: Metrics | undefined;
  const dispatcher = composeDispatcher(
    {
      clock: systemClock,
      random: systemRandom,
      observe: (event) => {
        logger.observe(event);
        metrics?.observe(event);
        hooks.observe?.(event);
      },
      instanceSet: ports.instanceSet,
      executorFactory: ports.executorFactory,
      queue: ports.queue.queue,
      stateStore: ports.queue.state,
      runner: ports.runner,
    },
    {
      pool: {
        instanceSetId: ports.instanceSetId,
        instanceTypes: ports.instanceTypes,
        authorizedKey: ports.ssh.authorizedKey,
        ...poolSettings(config),
      },
      scheduler: schedulingSettings(config),
      shell: pacingSettings(config),
    },
  );
  const cleanUp = async (): Promise<void> => {
    await dispatcher.stop({ drain: false });
    await ports.queue.close();
  };
  try {
    await dispatcher.start();
    const metricNames = ports.instanceTypes.map((type) => type.name);
    metrics = createMetrics(
      { referenceNames: config.metrics.referenceNames, instanceTypes: metricNames },
      fleetGaugesReader(dispatcher, schedulerOptions),
    );
    const api = await createApi(
      apiDeps({
        version,
        clock: systemClock,
        token,
        dispatcher,
        store: ports.queue.store,
        onStoreChange: (listener) => ports.queue.queue.onWake(listener),
        metrics,
        schedulerOptions,
        onFault: (error, request) => logger.log.error({ err: error, ...request }, 'api-fault'),
      }),
    ).listen({ host: config.api.host, port: config.api.port });
    state.writeEndpoint({ url: api.url, token });
    return {
      url: api.url,
      token,
      left: () => {
        const instances = dispatcher.pool.instances();
        return { instances: instances.length, containers: instances.reduce((n, i) => n + i.containers.length, 0) };
      },
      async stop(options) {
        state.removeEndpoint();
        await api.close();
        await dispatcher.stop(options);
        await ports.queue.close();
      },
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}
