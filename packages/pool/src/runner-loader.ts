import { type Clock, DroverError, type RunnerDeployment, type RunnerSource } from '@drover/spec';
import { toError, withDeadline } from '@drover/throttle';

/** What loading the runner needs. */
export interface RunnerLoaderContext {
  readonly clock: Clock;
  readonly source: RunnerSource;
  readonly retryMs: number;
  readonly signal: AbortSignal;
  /** It has been loaded. */
  readonly onLoaded: () => void;
}

const loadTimeoutMs = 60_000;

/** Loads the runner, again and again until it works. */
export class RunnerLoader {
  readonly #context: RunnerLoaderContext;
  #runner: RunnerDeployment | undefined;
  #error: Error | undefined;

  constructor(context: RunnerLoaderContext) {
    this.#context = context;
  }

  get runner(): RunnerDeployment | undefined {
    return this.#runner;
  }

  /** Why there is none. */
  get error(): Error | undefined {
    return this.#runner === undefined
      ? (this.#error ?? new DroverError('RUNNER_UNAVAILABLE', 'The runner is still being loaded.'))
      : undefined;
  }

  /** Resolves when it is loaded or the signal is aborted. */
  async run(): Promise<void> {
    const { clock, source, retryMs, signal, onLoaded } = this.#context;
    const timeoutError = (): Error =>
      new DroverError('RUNNER_UNAVAILABLE', `The runner could not be loaded within ${loadTimeoutMs / 1_000} s.`);
    while (!signal.aborted) {
      try {
        this.#runner = await withDeadline({ clock, timeoutMs: loadTimeoutMs, signal, timeoutError }, (s) =>
          source.load({ signal: s }),
        );
        onLoaded();
        return;
      } catch (thrown) {
        this.#error = toError(thrown);
        await clock.sleep(retryMs, { signal }).catch(() => undefined);
      }
    }
  }
}
