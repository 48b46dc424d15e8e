import { composeDispatcher, type Dispatcher } from '@drover/compose';
import { createApi, type RunningApi } from '@drover/management-api';
import { createLogger, createMetrics, type Metrics } from '@drover/observe';
import { defaultSchedulerOptions, type SchedulerOptions } from '@drover/scheduler';
import type { DispatchEvent } from '@drover/spec';
import { apiDeps } from './api-deps.ts';
import type { ConfigFile } from './config/config-schema.ts';
import { pacingSettings, poolSettings, schedulingSettings } from './config/pool-settings.ts';
import { fleetGaugesReader } from './fleet-gauges.ts';
import { openPorts, type OpenPorts } from './open-ports.ts';
import { systemClock } from './ports/system-clock.ts';
import { systemRandom } from './ports/system-random.ts';
import { removeRunnerStateOfGone } from './shared-runner-state.ts';
import { StateDirectory } from './state-directory.ts';
import { type TraceRecording, traceRecording } from './trace-recording.ts';
import { version } from './version.ts';

/** What the caller may add. */
export interface DispatcherHooks {
  /** Default: the process's. */
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
  /** Resolves when it has ended: with the reason when it lost the lead, else with undefined. */
  readonly ended: Promise<Error | undefined>;
  /** Keeps VMs and work unless `drain`: then every VM that is not on hold is emptied and shut down first. */
  stop(options: { readonly drain: boolean; readonly signal?: AbortSignal }): Promise<void>;
}

/** A dispatcher with its surroundings, before its API listens. */
interface Assembly {
  readonly config: ConfigFile;
  readonly token: string;
  readonly ports: OpenPorts;
  readonly dispatcher: Dispatcher;
  readonly schedulerOptions: SchedulerOptions;
  readonly logger: ReturnType<typeof createLogger>;
  readonly trace: TraceRecording;
  /** Events go there from now on. */
  watch(metrics: Metrics): void;
}

/**
 * Configuration → ports → composition → API. Resolves once the API listens; recovery goes on behind it.
 * @throws ConfigError, DroverError QUEUE_IN_USE, API_PORT_IN_USE and what the driver says; nothing is left open then
 */
export async function runDispatcher(config: ConfigFile, hooks: DispatcherHooks = {}): Promise<RunningDispatcher> {
  const state = new StateDirectory(config.stateDirectory);
  const assembly = await assemble(config, state, hooks);
  const { dispatcher, ports, token, trace } = assembly;
  try {
    await dispatcher.start();
    const api = await listen(assembly);
    state.writeEndpoint({ url: api.url, token });
    return {
      url: api.url,
      token,
      ended: dispatcher.ended,
      left: () => {
        const views = dispatcher.pool.instances();
        return { instances: views.length, containers: views.reduce((sum, view) => sum + view.containers.length, 0) };
      },
      async stop(options) {
        // Draining takes a while and is to be watched: the API goes last but one.
        if (options.drain) await dispatcher.stop(options);
        state.removeEndpoint();
        await api.close();
        await dispatcher.stop();
        trace.close();
        await ports.close();
      },
    };
  } catch (error) {
    await dispatcher.stop();
    trace.close();
    await ports.close();
    throw error;
  }
}

async function assemble(config: ConfigFile, state: StateDirectory, hooks: DispatcherHooks): Promise<Assembly> {
  const env = hooks.env ?? process.env;
  const ports = await openPorts(config, state, env);
  const { token } = ports;
  const logger = createLogger({ level: config.logs.level, secrets: [token, ports.ssh.privateKey] });
  let metrics: Metrics | undefined;
  const { sharedRunnerDirectory } = ports;
  const removeState = sharedRunnerDirectory === undefined ? undefined : removeRunnerStateOfGone(sharedRunnerDirectory);
  const { instanceSetId, instanceTypes, instanceSet, executorFactory, queue, runner, ssh } = ports;
  const trace = traceRecording(config, state, {
    instanceTypes,
    onError: (error) => logger.log.warn({ err: error }, 'trace-not-recorded'),
  });
  const dispatcher = composeDispatcher(
    {
      clock: systemClock,
      random: systemRandom,
      observe: (event) => {
        logger.observe(event);
        metrics?.observe(event);
        hooks.observe?.(event);
        trace.observe(event);
        removeState?.(event);
      },
      instanceSet,
      executorFactory,
      queue: trace.watch(queue.queue),
      stateStore: queue.state,
      runner,
    },
    {
      pool: { instanceSetId, instanceTypes, authorizedKey: ssh.authorizedKey, ...poolSettings(config) },
      scheduler: schedulingSettings(config),
      shell: pacingSettings(config),
    },
  );
  return {
    config,
    token,
    ports,
    dispatcher,
    schedulerOptions: { ...defaultSchedulerOptions, ...schedulingSettings(config), instanceTypes },
    logger,
    trace,
    watch: (made) => {
      metrics = made;
    },
  };
}

function listen(assembly: Assembly): Promise<RunningApi> {
  const { config, token, ports, dispatcher, schedulerOptions, logger } = assembly;
  const { instanceSet } = ports;
  const metrics = createMetrics(
    {
      referenceNames: config.metrics.referenceNames,
      instanceTypes: ports.instanceTypes.map((type) => type.name),
      driverSeries: () => instanceSet.metrics?.() ?? [],
    },
    fleetGaugesReader(dispatcher, schedulerOptions),
  );
  assembly.watch(metrics);
  const api = createApi(
    apiDeps({
      version,
      clock: systemClock,
      token,
      dispatcher,
      store: ports.queue.store,
      onStoreChange: (listener) => ports.queue.onChange(listener),
      metrics,
      schedulerOptions,
      onFault: (error, request) => logger.log.error({ err: error, ...request }, 'api-fault'),
    }),
  );
  return api.listen({ host: config.api.host, port: config.api.port });
}
