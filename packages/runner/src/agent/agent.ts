import {
  runnerProtocolVersion,
  type HelloRequest,
  type RunnerReply,
  type RunnerRequest,
  type RunnerStatus,
} from '@drover/spec';
import { type AgentState, applyRecord, type JournalRecord, type Notice, snapshotRecords } from './agent-state.ts';
import { Leases } from './leases.ts';
import { Outbox } from './outbox.ts';
import type { AgentPorts } from './ports.ts';
import type { PreemptionNotice } from './preemption/source.ts';
import { type Refusal, refuse } from './run-rules.ts';
import { Runs } from './runs.ts';

/** Which connection attempt of which dispatcher a channel belongs to. */
export interface Claim {
  readonly epoch: number;
  readonly session: number;
}

/** Longest part of a log in one reply; with base64 it fits into a line of the default limit, 1 MiB. */
export const maxLogReplyBytes = 512 << 10;

/** How often a run is looked at whose end nobody reports, and how often all are, in case a report was lost. */
const adoptedSweepMs = 500;
const fullSweepEvery = 20;
/** A VM that is still there so long after it was to end is told to once more. */
const powerOffRetryMs = 600_000;

/** The agent without its sockets: requests in, replies and events out. */
export class Agent {
  readonly outbox = new Outbox();
  readonly runs: Runs;
  readonly #ports: AgentPorts;
  readonly #state: AgentState;
  readonly #leases: Leases;
  readonly #afterTick = new Set<() => void>();
  #tickScheduled = false;
  #broken: string | undefined;
  #poweredOffAtMs = -Infinity;
  #sweeps = 0;

  constructor(ports: AgentPorts, state: AgentState) {
    this.#ports = ports;
    this.#state = state;
    this.#leases = new Leases(ports.clock);
    this.#broken = state.broken?.text;
    this.runs = new Runs({
      ports,
      state,
      outbox: this.outbox,
      record: (record) => this.#record(record),
      broken: (reason) => this.reportBroken(reason),
    });
    for (const type of ['broken', 'preempted'] as const) {
      const notice = state[type];
      if (notice !== undefined) this.outbox.restore(notice.sequence, noticeEvent(type, notice));
    }
  }

  /** Takes over what an earlier agent has left; resolves when everything is known. */
  async open(): Promise<void> {
    this.#ports.spawner.onReport((report) => this.runs.handle(report));
    await this.runs.adopted;
    if (this.#state.bootId !== this.#ports.bootId) this.#record(['boot', this.#ports.bootId]);
    this.#broken = this.#state.broken?.text;
    this.#sweepLater();
  }

  /** Calls `callback` when this tick's records are written: the moment at which messages may leave. */
  afterTick(callback: () => void): void {
    this.#afterTick.add(callback);
    this.#scheduleTick();
  }

  /** Is this still the newest connection? */
  isCurrent(claim: Claim): boolean {
    return claim.epoch === this.#state.epoch && claim.session === this.#state.session;
  }

  /** Opens a channel. Resolves when the claim is durable. */
  async hello(request: HelloRequest): Promise<Refusal | undefined> {
    const { epoch, session, leases, version } = request;
    if (version !== runnerProtocolVersion) {
      return refuse('version', `this agent speaks version ${runnerProtocolVersion} of the protocol, not ${version}`);
    }
    const state = this.#state;
    if (epoch < state.epoch || (epoch === state.epoch && session < state.session)) {
      return refuse('superseded', `epoch ${state.epoch}, session ${state.session} is in charge`);
    }
    this.#leases.renew();
    const { acceptMs, deadManMs } = leases;
    const known = this.isCurrent(request) && acceptMs === state.leases.acceptMs && deadManMs === state.leases.deadManMs;
    if (!known) {
      this.#record(['hello', epoch, session, acceptMs, deadManMs]);
      try {
        await this.#ports.journal.durable();
      } catch (error) {
        return refuse('broken', `the session cannot be stored: ${String(error)}`);
      }
    }
    // A newer one may have come while this was written.
    return this.isCurrent(request) ? undefined : refuse('superseded', 'a newer session is in charge');
  }

  /** Answers everything but `hello`. `claim` is undefined on a channel that has not said it. */
  async answer(request: Exclude<RunnerRequest, HelloRequest>, claim: Claim | undefined): Promise<RunnerReply> {
    if (request.type === 'list') {
      // Whoever only looks after its VM for a while is there all the same.
      if (claim !== undefined && this.isCurrent(claim)) this.#leases.renew();
      return { type: 'status', id: request.id, status: this.status() };
    }
    if (request.type === 'logs') return this.#logs(request);
    if (claim === undefined) return refused(request.id, refuse('bad-request', `say hello before ${request.type}`));
    if (!this.isCurrent(claim)) return refused(request.id, refuse('superseded', 'a newer session is in charge'));
    const accepted = this.#leases.accepts(this.#state.leases);
    if (accepted || request.type !== 'start') this.#leases.renew();
    const refusal = await this.#obey(request, accepted);
    return refusal === undefined ? { type: 'ok', id: request.id } : refused(request.id, refusal);
  }

  status(): RunnerStatus {
    const { sequence, draining, preempted } = this.#state;
    return {
      sequence,
      bootId: this.#ports.bootId,
      containers: this.runs.list(),
      draining,
      ...(this.#broken === undefined ? {} : { broken: this.#broken }),
      ...(preempted === undefined ? {} : { preemptionNotice: preempted.text }),
      version: this.#ports.version,
    };
  }

  /** The VM is not fit for work: says so once, and starts nothing more until it restarts. */
  reportBroken(reason: string): void {
    if (this.#broken !== undefined) return;
    this.#broken = reason;
    this.#notice('broken', reason);
  }

  /**
   * The cloud (perhaps) takes the VM away: says so, starts nothing more, and once that is certain, lets the runs save what they
   * can.
   */
  reportPreemption({ detail, imminent }: PreemptionNotice): void {
    if (this.#state.preempted?.text === detail) return;
    this.#notice('preempted', detail);
    if (imminent) this.runs.preempt();
  }

  async #obey(
    request: Exclude<RunnerRequest, { readonly type: 'hello' | 'list' | 'logs' }>,
    accepted: boolean,
  ): Promise<Refusal | undefined> {
    switch (request.type) {
      case 'start':
        return this.#mayStart(accepted) ?? this.runs.start(request);
      case 'kill':
        return this.runs.kill(request);
      case 'ack':
        return this.runs.ack(request.uuid, request.generation, request.hash);
      case 'drain':
        return this.#drain(request.on);
      case 'renew':
        return undefined;
      default:
        return request satisfies never;
    }
  }

  #mayStart(accepted: boolean): Refusal | undefined {
    if (!accepted) return refuse('lease-expired', 'no dispatcher was heard for too long; renew the lease first');
    if (this.#state.draining) return refuse('draining', 'this VM accepts nothing more');
    if (this.#state.preempted !== undefined) return refuse('draining', 'this VM is being taken away');
    if (this.#broken !== undefined) return refuse('broken', this.#broken);
    return undefined;
  }

  async #drain(on: boolean): Promise<Refusal | undefined> {
    if (this.#state.draining === on) return undefined;
    this.#record(['drain', on]);
    try {
      await this.#ports.journal.durable();
      return undefined;
    } catch (error) {
      return refuse('broken', `the drain cannot be stored: ${String(error)}`);
    }
  }

  #logs(request: Extract<RunnerRequest, { readonly type: 'logs' }>): RunnerReply {
    const part = this.runs.readLog(request, Math.min(request.maxBytes, maxLogReplyBytes));
    if (part === undefined) return refused(request.id, refuse('not-found', 'this run is not on this VM'));
    const { id, offset } = request;
    return { type: 'logs', id, offset, base64: part.bytes.toString('base64'), end: part.end };
  }

  #notice(type: 'broken' | 'preempted', text: string): void {
    this.outbox.drop(this.#state[type]?.sequence);
    const notice = { sequence: this.#state.sequence + 1, text };
    this.#record([type, notice.sequence, text]);
    this.outbox.emit(notice.sequence, noticeEvent(type, notice));
  }

  #record(record: JournalRecord): void {
    applyRecord(this.#state, record);
    this.#ports.journal.append(record);
    this.#scheduleTick();
  }

  #scheduleTick(): void {
    if (this.#tickScheduled) return;
    this.#tickScheduled = true;
    queueMicrotask(() => this.#tick());
  }

  #tick(): void {
    this.#tickScheduled = false;
    try {
      this.#ports.journal.flush();
    } catch (error) {
      this.reportBroken(`the state folder cannot be written: ${String(error)}`);
    }
    const callbacks = [...this.#afterTick];
    this.#afterTick.clear();
    for (const callback of callbacks) callback();
  }

  /** Again and again, should the command fail: an abandoned VM costs money. */
  #powerOff(): void {
    const now = this.#ports.clock.monotonicMs();
    if (now - this.#poweredOffAtMs < powerOffRetryMs) return;
    this.#poweredOffAtMs = now;
    this.#ports.powerOff();
  }

  #compact(): void {
    try {
      this.#ports.journal.compact(snapshotRecords(this.#state));
    } catch (error) {
      this.#ports.log(`the journal stays long, there is no room for a new one: ${String(error)}`);
    }
  }

  #sweepLater(): void {
    this.#ports.clock.timer(adoptedSweepMs, () => {
      this.#sweeps += 1;
      const all = this.#sweeps % fullSweepEvery === 0;
      if (all || this.runs.hasAdopted) this.runs.sweep(all);
      if (this.#ports.journal.isLong) this.#compact();
      if (this.#leases.isAbandoned(this.#state.leases) && this.runs.isEmpty) this.#powerOff();
      this.#sweepLater();
    });
  }
}

function noticeEvent(type: 'broken' | 'preempted', { sequence, text }: Notice) {
  return () => (type === 'broken' ? { type, sequence, reason: text } : { type, sequence, detail: text });
}

function refused(id: number, { code, message }: Refusal): RunnerReply {
  return { type: 'refused', id, code, message };
}
