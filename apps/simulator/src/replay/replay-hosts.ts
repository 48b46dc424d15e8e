import {
  type Clock,
  type Command,
  type CommandResult,
  ConnectError,
  type Executor,
  type ExecutorFactory,
  type InstanceId,
  NoAddressError,
  type RunnerDeployment,
  type RunnerSource,
  type Target,
} from '@drover/spec';
import type { CloudHooks } from '@drover/testkit';
import { ReplayHost, type ReplayRuns } from './replay-host.ts';
import type { ReplayLine } from './replay-line.ts';

const listCommand = 'replay-runner list';

/** A runner that the image brings: deploying it costs the same with every configuration. */
const deployment: RunnerDeployment = {
  name: 'replay-runner',
  hash: '0',
  files: [],
  deployDirectory: '/var/lib/drover',
  startCommand: () => 'replay-runner start',
  listCommand: () => listCommand,
  attachCommand: () => 'replay-runner attach',
};

/** Every VM meets these several times while it boots; made once, because a stack trace costs more than all the rest. */
const noAddress = new NoAddressError('The instance has no address yet.');
const noAnswer = new ConnectError('The instance does not answer yet.');

/** Always gives the runner of a replay. */
export const replayRunner: RunnerSource = { load: async () => deployment };

/** The insides of a replay's VMs. */
export class ReplayHosts {
  readonly cloudHooks: CloudHooks;
  readonly executorFactory: ExecutorFactory;
  readonly #byId = new Map<InstanceId, ReplayHost>();

  /** `bootMs`: from a VM's "running" to its first answer, drawn anew for each. */
  constructor(clock: Clock, runs: ReplayRuns, bootMs: () => number) {
    const now = (): number => clock.monotonicMs();
    this.cloudHooks = {
      onRunning: ({ id }, { hostKeys: [hostKey = ''] }) =>
        void this.#byId.set(id, new ReplayHost({ id, hostKey, answersAtMs: now() + bootMs() }, clock, runs)),
      onNotice: ({ id }, inMs) => this.#byId.get(id)?.preempt(`taken away in ${inMs / 1000} s`),
      onGone: ({ id }) => {
        this.#byId.get(id)?.die();
        this.#byId.delete(id);
      },
    };
    this.executorFactory = (id) =>
      new ReplayExecutor(() => {
        const host = this.#byId.get(id);
        return host !== undefined && host.answersAtMs <= now() ? host : undefined;
      });
  }
}

/** Reaches one VM in no time, once it is up. */
class ReplayExecutor implements Executor {
  readonly #find: () => ReplayHost | undefined;
  readonly #lines = new Set<ReplayLine>();
  #address = '';
  #closed = false;

  constructor(find: () => ReplayHost | undefined) {
    this.#find = find;
  }

  setTarget(target: Target): void {
    this.#address = target.address;
  }

  async connect(): Promise<string> {
    return this.#host().hostKey;
  }

  trust(): void {
    // Who it is was proven through the cloud.
  }

  async run({ command }: Command): Promise<CommandResult> {
    const stdout = command.includes(listCommand) ? JSON.stringify(this.#host().status()) : '';
    return { exitCode: 0, signal: undefined, stdout, stderr: '', truncated: false };
  }

  async open(): Promise<ReplayLine> {
    const line = this.#host().open();
    this.#lines.add(line);
    return line;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const line of this.#lines) line.close();
    this.#lines.clear();
  }

  #host(): ReplayHost {
    if (this.#closed) throw new ConnectError('The executor is closed.');
    if (this.#address === '') throw noAddress;
    const host = this.#find();
    if (host === undefined) throw noAnswer;
    return host;
  }
}
