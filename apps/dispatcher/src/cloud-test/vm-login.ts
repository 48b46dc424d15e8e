import {
  asRoot,
  deployRunner,
  failureText,
  isHostKeyError,
  parseRunnerStatus,
  type PinnedKeys,
  proveHost,
  runnerDirectory,
} from '@drover/pool/vm';
import {
  ConnectError,
  DroverError,
  type Executor,
  type HostKeys,
  type Instance,
  type RunnerDeployment,
} from '@drover/spec';
import type { CloudTestContext } from './cloud-test-types.ts';
import { eventually, type Patience } from './eventually.ts';

/** The VM to log in to. */
export interface LoginTarget {
  readonly instance: Instance;
  readonly secret: string;
}

type Step = () => Promise<string>;

/** What is done on a VM over SSH, by the same means as the pool's. */
export class VmLogin {
  readonly #context: CloudTestContext;
  readonly #executor: Executor;
  readonly #target: LoginTarget;
  readonly #signal: AbortSignal;

  constructor(context: CloudTestContext, executor: Executor, target: LoginTarget, signal: AbortSignal) {
    this.#context = context;
    this.#executor = executor;
    this.#target = target;
    this.#signal = signal;
  }

  /** To be taken in this order; a step that is not wanted is undefined. */
  get steps(): { identity: Step; probe: Step; runner: Step | undefined; command: Step | undefined } {
    const { runner, command } = this.#context;
    return {
      identity: () => this.#identity(),
      probe: () => this.#probe(),
      runner: runner === undefined ? undefined : () => this.#runner(runner),
      command: command === '' ? undefined : () => this.#command(command),
    };
  }

  async close(): Promise<void> {
    await this.#executor.close().catch(() => undefined);
  }

  async #identity(): Promise<string> {
    const { instanceSet, options } = this.#context;
    const { instance, secret } = this.#target;
    const pins = new MemoryPins();
    const expectKeys = (pinnedKeys: HostKeys): void =>
      this.#executor.setTarget({
        address: instance.address,
        port: options.sshPort,
        user: options.adminUser,
        pinnedKeys,
      });
    expectKeys([]);
    let proof = 'the content of its secret file';
    const hostKeys = instanceSet.hostKeys?.bind(instanceSet);
    await eventually(this.#patience('a proof of who the host is'), async () => {
      await proveHost({
        instanceId: instance.id,
        executor: this.#executor,
        expectKeys,
        pins,
        hostKeys:
          hostKeys &&
          (async (id, options_) => {
            const keys = await hostKeys(id, options_);
            if (keys.length > 0) proof = 'the host key that the cloud publishes';
            return keys;
          }),
        secret,
        secretPath: options.instanceSecretPath,
        user: options.adminUser,
        withDeadline: (call) => call(AbortSignal.any([this.#signal, AbortSignal.timeout(options.probeTimeoutMs)])),
        signal: this.#signal,
      }).catch((error: unknown) => {
        // Another host than the VM stays another host.
        if (isHostKeyError(error) || DroverError.is(error)) throw error;
        throw new ConnectError(error instanceof Error ? error.message : String(error), { cause: error });
      });
      return true;
    });
    return `proven by ${proof}`;
  }

  async #probe(): Promise<string> {
    const { bootProbeCommand } = this.#context.options;
    await eventually(this.#patience(`success of the boot probe (${bootProbeCommand})`), async () => {
      const result = await this.#run(bootProbeCommand);
      if (result.exitCode === 0) return true;
      throw new ConnectError(failureText(result));
    });
    return bootProbeCommand;
  }

  async #runner(runner: RunnerDeployment): Promise<string> {
    const { options, random } = this.#context;
    const sent = await deployRunner({
      executor: this.#executor,
      runner,
      user: options.adminUser,
      unique: random.hex(8),
      timeoutMs: options.probeTimeoutMs,
      signal: this.#signal,
    });
    const place = { directory: runnerDirectory(runner), instanceId: this.#target.instance.id };
    const listed = await this.#run(asRoot(options.adminUser, runner.listCommand(place)));
    const status = listed.exitCode === 0 ? parseRunnerStatus(listed.stdout) : undefined;
    if (status === undefined)
      throw new DroverError('RUNNER_UNAVAILABLE', `the runner does not answer: ${failureText(listed)}`, {
        fix: 'check that the image has Node 20 or newer, and may run what is in pool.deployDirectory',
      });
    return `${sent ? 'brought there' : 'found there'}, answers as version ${status.version}`;
  }

  async #command(command: string): Promise<string> {
    const result = await this.#run(command);
    if (result.exitCode !== 0) throw new ConnectError(`${command}: ${failureText(result)}`);
    const [line = ''] = result.stdout.trim().split('\n');
    return line === '' ? 'exit code 0' : line;
  }

  #run(command: string) {
    const { probeTimeoutMs: timeoutMs } = this.#context.options;
    return this.#executor.run({ command, timeoutMs }, { signal: this.#signal });
  }

  #patience(what: string): Patience {
    const { clock, options } = this.#context;
    const { timeoutBootingMs: withinMs, bootRetryMs: everyMs } = options;
    return { clock, what, withinMs, everyMs, signal: this.#signal };
  }
}

/** Proven keys for as long as the test lasts. */
class MemoryPins implements PinnedKeys {
  readonly #pins = new Map<string, HostKeys>();

  get(id: string): HostKeys | undefined {
    return this.#pins.get(id);
  }

  async set(id: string, keys: HostKeys): Promise<void> {
    this.#pins.set(id, keys);
  }
}
