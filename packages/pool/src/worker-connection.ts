import {
  DroverError,
  type Executor,
  type HostKeys,
  type LineChannel,
  type LockedContainer,
  type LogChunk,
  type RunnerDeployment,
  type RunnerReply,
  TransientCloudError,
} from '@drover/spec';
import { toError, withDeadline } from '@drover/throttle';
import type { ConnectionContext } from './connection-context.ts';
import { deployRunner, runnerDirectory } from './deploy-runner.ts';
import { failureText } from './deploy-steps.ts';
import { isHostKeyError, proveHost } from './host-identity.ts';
import { LogReader, type LogPiece } from './log-reader.ts';
import { helloRequest, type RequestBody, RunnerChannel, toAnswer, unexpectedReply } from './runner-channel.ts';
import { parseRunnerStatus } from './runner-messages.ts';
import { asRoot } from './shell-quote.ts';
import { startRequest } from './start-request.ts';
import type { Worker } from './worker.ts';
import type { ProbeResult, WorkerEffect, WorkerEvent } from './worker-protocol.ts';

type RunProbe = Extract<WorkerEffect, { readonly kind: 'run-probe' }>;

/** Everything that is open to one VM: executor, control channel, log channel. Reports what happens as worker events. */
export class WorkerConnection {
  readonly #instanceId: string;
  readonly #executor: Executor;
  readonly #context: ConnectionContext;
  readonly #dispatch: (event: WorkerEvent) => void;
  readonly #onDeployed: (durationMs: number) => void;
  readonly #abort = new AbortController();
  readonly #logs: LogReader;
  #channel: RunnerChannel | undefined;
  #session = 0;
  #sequence = 0;
  #deployed = false;

  constructor(
    instanceId: string,
    executor: Executor,
    context: ConnectionContext,
    report: { readonly dispatch: (event: WorkerEvent) => void; readonly onDeployed: (durationMs: number) => void },
  ) {
    this.#instanceId = instanceId;
    this.#executor = executor;
    this.#context = context;
    this.#dispatch = report.dispatch;
    this.#onDeployed = report.onDeployed;
    this.#logs = new LogReader({
      clock: context.clock,
      replyTimeoutMs: context.options.replyTimeoutMs,
      open: () => this.#openLine(this.#runner()),
    });
  }

  /**
   * Probes the VM. `ended` is called exactly once, and for an answer on the channel within the same turn in which the answer came,
   * so that what the runner reports next is taken in after it.
   */
  probe(worker: Worker, plan: RunProbe, ended: (result: ProbeResult) => void): void {
    const bootProbe = { ok: plan.bootProbe === 'passed' };
    const answered = (reply: RunnerReply | Error): void => {
      const bootProbeOk = bootProbe.ok;
      if (reply instanceof Error) ended({ ok: false, bootProbeOk, error: reply });
      else if (reply.type !== 'status') ended({ ok: false, bootProbeOk, error: unexpectedReply('list', reply) });
      else ended({ ok: true, bootProbeOk, status: reply.status });
    };
    if (plan.via === 'channel' && this.#channel !== undefined) {
      this.#channel.request({ type: 'list' }, answered);
      return;
    }
    this.#connect(worker, plan, bootProbe, answered).catch((thrown: unknown) => {
      const error = toError(thrown);
      if (isHostKeyError(error)) this.#dispatch({ type: 'identity-mismatch', error });
      ended({ ok: false, bootProbeOk: bootProbe.ok, error });
    });
  }

  /** Sends the start within this call. */
  sendStart(container: LockedContainer, gpuDevices: readonly number[]): void {
    const { uuid, generation } = container.entry;
    const { options, gatewaySecret } = this.#context;
    this.#channel?.request(startRequest(container, gpuDevices, gatewaySecret(uuid), options), (reply) => {
      const answer = toAnswer(reply);
      if (answer !== undefined) this.#dispatch({ type: 'start-answered', uuid, generation, answer });
    });
  }

  sendKill(uuid: string, generation: number): void {
    this.#channel?.request({ type: 'kill', uuid, generation }, () => undefined);
  }

  sendAck(uuid: string, generation: number, hash: string): void {
    this.#channel?.requestSoon({ type: 'ack', uuid, generation, hash }, (reply) => {
      const answer = toAnswer(reply);
      if (answer !== undefined) this.#dispatch({ type: 'ack-answered', uuid, generation, answer });
    });
  }

  /** Changes the runner's leases: another hello of the same session. */
  sendLeases(deadManMs: number): void {
    this.#channel?.request(this.#hello(this.#session, deadManMs), () => undefined);
  }

  sendDrain(on: boolean): void {
    const channel = this.#channel;
    channel?.request({ type: 'drain', on }, (reply) => {
      const answer = toAnswer(reply);
      if (answer === undefined) return;
      if (!answer.ok || !on) {
        this.#dispatch({ type: 'drain-answered', on, answer });
        return;
      }
      // Nothing new from here on; what is there decides whether the VM may go.
      channel.request({ type: 'list' }, (listed) => {
        if (!(listed instanceof Error) && listed.type === 'status')
          this.#dispatch({ type: 'drain-answered', on, answer: listed.status });
      });
    });
  }

  readLog(piece: LogPiece): Promise<LogChunk> {
    return this.#logs.read(piece);
  }

  /** Drops everything at once; nothing is reported any more and it cannot be used again. */
  close(): void {
    this.#abort.abort(new DroverError('SSH_CONNECT', 'The pool has closed its connection to the instance.'));
    this.#logs.close();
    this.#channel?.close();
    this.#channel = undefined;
    this.#executor.close().catch(() => undefined);
  }

  async #connect(
    worker: Worker,
    plan: RunProbe,
    bootProbe: { ok: boolean },
    answered: (reply: RunnerReply | Error) => void,
  ): Promise<void> {
    const { options } = this.#context;
    await this.#prove(worker);
    this.#dispatch({ type: 'verified' });
    if (!bootProbe.ok) {
      const booted = await this.#run(options.bootProbeCommand);
      bootProbe.ok = booted.exitCode === 0;
      if (!bootProbe.ok && !plan.evenIfBootProbeFails) {
        answered(new DroverError('SSH_CONNECT', `Boot probe: ${failureText(booted)}`, { retryable: true }));
        return;
      }
    }
    if (this.#channel !== undefined) {
      this.#channel.request({ type: 'list' }, answered);
      return;
    }
    const runner = this.#runner();
    await this.#deploy(runner);
    const attached = await this.#attach(runner, answered).catch(() => false);
    // No channel. One command can still tell what runs there.
    if (!attached) await this.#listByCommand(runner, answered);
  }

  async #prove(worker: Worker): Promise<void> {
    const { options, pins, hostKeys } = this.#context;
    const expectKeys = (pinnedKeys: HostKeys): void =>
      this.#executor.setTarget({
        address: worker.instance.address,
        port: options.sshPort,
        user: options.adminUser,
        pinnedKeys,
      });
    expectKeys(pins.get(worker.instance.id) ?? []);
    await proveHost({
      instanceId: worker.instance.id,
      executor: this.#executor,
      expectKeys,
      pins,
      hostKeys,
      secret: worker.secret,
      secretPath: options.instanceSecretPath,
      user: options.adminUser,
      withDeadline: (call) => this.#withDeadline('reach', call),
      signal: this.#abort.signal,
    });
  }

  async #deploy(runner: RunnerDeployment): Promise<void> {
    if (this.#deployed) return;
    const { clock, random, options } = this.#context;
    const startedAtMs = clock.monotonicMs();
    const sent = await deployRunner({
      executor: this.#executor,
      runner,
      user: options.adminUser,
      unique: random.hex(8),
      timeoutMs: options.probeTimeoutMs,
      signal: this.#abort.signal,
    });
    this.#deployed = true;
    if (sent) this.#onDeployed(clock.monotonicMs() - startedAtMs);
  }

  /** Opens the control channel; false when the runner did not answer its hello as it should. */
  async #attach(runner: RunnerDeployment, answered: (reply: RunnerReply | Error) => void): Promise<boolean> {
    const { clock, options } = this.#context;
    const started = await this.#run(asRoot(options.adminUser, runner.startCommand(this.#place(runner))));
    if (started.exitCode !== 0)
      throw new DroverError('RUNNER_UNAVAILABLE', `The runner does not start: ${failureText(started)}`);
    const line = await this.#openLine(runner);
    this.#session += 1;
    const session = this.#session;
    const channel = new RunnerChannel(line, {
      clock,
      renewMs: options.acceptLeaseMs / 3,
      replyTimeoutMs: options.replyTimeoutMs,
      afterSequence: this.#sequence,
      onEvent: (event) => this.#dispatch({ type: 'runner-event', session, event }),
      onCongestion: (congested) => this.#dispatch({ type: 'congestion', session, congested }),
      onClose: (error) => this.#closed(session, channel, error),
    });
    const hello = this.#hello(session, options.deadManLeaseMs);
    return new Promise((resolve) => {
      channel.request(hello, (reply) => {
        const welcome = !(reply instanceof Error) && reply.type === 'ok' && !this.#abort.signal.aborted;
        resolve(welcome);
        if (!welcome) {
          channel.close();
          return;
        }
        this.#channel = channel;
        this.#dispatch({ type: 'attached', session });
        channel.request({ type: 'list' }, answered);
      });
    });
  }

  #hello(session: number, deadManMs: number): RequestBody {
    const { options, epoch } = this.#context;
    return helloRequest({ epoch, session, afterSequence: this.#sequence, acceptMs: options.acceptLeaseMs, deadManMs });
  }

  async #listByCommand(runner: RunnerDeployment, answered: (reply: RunnerReply | Error) => void): Promise<void> {
    const { options } = this.#context;
    const listed = await this.#run(asRoot(options.adminUser, runner.listCommand(this.#place(runner))));
    const status = listed.exitCode === 0 ? parseRunnerStatus(listed.stdout) : undefined;
    if (status === undefined)
      answered(new DroverError('RUNNER_PROTOCOL', `The runner cannot list what runs: ${failureText(listed)}`));
    else answered({ type: 'status', id: 0, status });
  }

  #closed(session: number, channel: RunnerChannel, error: Error | undefined): void {
    this.#sequence = Math.max(this.#sequence, channel.sequence);
    if (this.#channel !== channel) return;
    this.#channel = undefined;
    this.#dispatch({ type: 'detached', session, error, jitter: this.#context.random.next() });
  }

  #openLine(runner: RunnerDeployment): Promise<LineChannel> {
    const place = this.#place(runner);
    const socketPath = runner.socketPath?.(place);
    const command = asRoot(this.#context.options.adminUser, runner.attachCommand(place));
    return this.#withDeadline('open a channel to', (signal) =>
      this.#executor.open({ command, ...(socketPath === undefined ? {} : { socketPath }) }, { signal }),
    );
  }

  #run(command: string) {
    const timeoutMs = this.#context.options.probeTimeoutMs;
    return this.#executor.run({ command, timeoutMs }, { signal: this.#abort.signal });
  }

  #runner(): RunnerDeployment {
    const runner = this.#context.runner();
    if (runner === undefined) throw new DroverError('RUNNER_UNAVAILABLE', 'The runner is not loaded.');
    return runner;
  }

  #place(runner: RunnerDeployment) {
    return { directory: runnerDirectory(runner), instanceId: this.#instanceId };
  }

  #withDeadline<T>(what: string, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, options } = this.#context;
    const timeoutMs = options.probeTimeoutMs;
    const timeoutError = (): Error =>
      new TransientCloudError(`It took longer than ${timeoutMs / 1_000} s to ${what} the instance.`);
    return withDeadline({ clock, timeoutMs, signal: this.#abort.signal, timeoutError }, call);
  }
}
