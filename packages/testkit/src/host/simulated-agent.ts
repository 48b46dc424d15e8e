import type {
  AckRequest,
  HelloRequest,
  KillRequest,
  LogsRequest,
  RefusalCode,
  RunnerEvent,
  RunnerMessage,
  RunnerRequest,
  RunnerStatus,
  StartRequest,
} from '@drover/spec';
import { runnerProtocolVersion } from '@drover/spec';
import { AgentRuns } from './agent-runs.ts';
import { AgentStore, logBytes } from './agent-store.ts';
import type { AgentHost } from './agent-host.ts';
import { DeadManTimer } from './dead-man-timer.ts';
import { StatusText } from './status-text.ts';

/** One connection to the agent. */
export interface AgentPeer {
  readonly send: (message: RunnerMessage) => void;
  /** A message that is JSON already. */
  readonly sendText: (line: string) => void;
  /** What the VM had shown when the connection was made. */
  readonly hostKey: string;
  /** Set by `hello`; older ones are superseded. */
  epoch: number;
  session: number;
}

/** Events kept for peers that come back. */
const keptEvents = 1_000;

/** The agent of one VM: answers requests by the runner protocol, runs containers in virtual time. */
export class SimulatedAgent {
  readonly store: AgentStore;
  readonly #host: AgentHost;
  readonly #runs: AgentRuns;
  readonly #peers = new Set<AgentPeer>();
  readonly #statusText: StatusText;
  #events: RunnerEvent[] = [];
  #acceptMs = 0;
  readonly #deadMan: DeadManTimer;

  constructor(host: AgentHost) {
    this.#host = host;
    this.store = new AgentStore(host.kernel.bootId);
    this.#statusText = new StatusText(this.store, () => this.status());
    this.#runs = new AgentRuns(host, this.store, {
      emit: (make) => this.#emit(make),
      onEmpty: () => this.#deadMan.arm(),
    });
    this.#deadMan = new DeadManTimer(host.clock, () => {
      if (this.store.runs.size === 0) host.powerOff();
    });
  }

  /** A peer is gone. */
  leave(peer: AgentPeer): void {
    this.#peers.delete(peer);
  }

  /** Takes one request in and answers it. */
  receive(peer: AgentPeer, request: RunnerRequest): void {
    if (request.type === 'list') {
      // Whoever only looks after its VM for a while is there all the same.
      if (peer.epoch === this.store.epoch && peer.session === this.store.session) this.#deadMan.heard();
      peer.sendText(`{"type":"status","id":${request.id},"status":${this.statusText}}`);
      return;
    }
    if (request.type === 'logs') {
      this.#logs(peer, request);
      return;
    }
    if (request.type === 'hello') {
      this.#hello(peer, request);
      return;
    }
    if (peer.epoch !== this.store.epoch || peer.session !== this.store.session) {
      refuse(peer, request.id, 'superseded', 'a newer session has said hello');
      return;
    }
    const leaseOver = this.#deadMan.silentMs > this.#acceptMs;
    this.#deadMan.heard();
    if (request.type === 'start') this.#start(peer, request, leaseOver);
    else if (request.type === 'kill') this.#kill(peer, request);
    else if (request.type === 'ack') this.#ack(peer, request);
    else if (request.type === 'drain') {
      this.store.draining = request.on;
      this.store.sync();
      if (this.#crashes()) return;
      peer.send({ type: 'ok', id: request.id });
    } else peer.send({ type: 'ok', id: request.id });
  }

  /** `status` as JSON. */
  get statusText(): string {
    return this.#statusText.text;
  }

  status(): RunnerStatus {
    const { sequence, bootId, draining, broken, preemptionNotice } = this.store;
    return {
      sequence,
      bootId,
      containers: this.store.containers(),
      draining,
      ...(broken === undefined ? {} : { broken }),
      ...(preemptionNotice === undefined ? {} : { preemptionNotice }),
      version: 'simulated',
    };
  }

  /** The VM is no longer fit for work. */
  breakDown(reason: string): void {
    this.store.broken = reason;
    this.#emit((sequence) => ({ type: 'broken', sequence, reason }));
  }

  /** The cloud will take the VM away. */
  preempt(detail: string): void {
    this.store.preemptionNotice = detail;
    this.#emit((sequence) => ({ type: 'preempted', sequence, detail }));
  }

  /** A run whose supervisor dies: its end becomes unknown, after a while in which its lock is still held. */
  loseSupervisor(uuid: string, staleMs: number): void {
    this.#runs.loseSupervisor(uuid, staleMs);
  }

  /** The agent's process dies; what runs goes on. The next one knows what is in the journal. */
  crash(): void {
    this.#peers.clear();
  }

  /** The VM is gone and everything with it. */
  die(): void {
    this.#deadMan.stop();
    this.#runs.die();
    this.#peers.clear();
  }

  /** The VM loses its power. Nothing of it acts until `boot`. */
  losePower(): void {
    this.die();
    this.#events = [];
  }

  /** The VM is up again: the agent finds what its journal says, and that nothing of it runs. */
  boot(): void {
    const { kernel } = this.#host;
    kernel.reboot();
    this.store.losePower(kernel.bootId);
    this.#deadMan.heard();
    this.#runs.recover();
    this.#deadMan.arm();
  }

  #hello(peer: AgentPeer, request: HelloRequest): void {
    const { store } = this;
    if (request.version !== runnerProtocolVersion) {
      refuse(peer, request.id, 'version', `speaks version ${runnerProtocolVersion}`);
      return;
    }
    if (request.epoch < store.epoch || (request.epoch === store.epoch && request.session < store.session)) {
      refuse(peer, request.id, 'superseded', `epoch ${store.epoch}, session ${store.session} has been here`);
      return;
    }
    store.epoch = request.epoch;
    store.session = request.session;
    store.sync();
    if (this.#crashes()) return;
    peer.epoch = request.epoch;
    peer.session = request.session;
    this.#acceptMs = request.leases.acceptMs;
    this.#deadMan.heard();
    this.#deadMan.setLimit(request.leases.deadManMs);
    this.#peers.add(peer);
    peer.send({ type: 'ok', id: request.id });
    for (const event of this.#events) if (event.sequence > request.afterSequence) peer.send(event);
  }

  #start(peer: AgentPeer, request: StartRequest, leaseOver: boolean): void {
    const { store } = this;
    const { id, uuid, generation } = request;
    const highest = store.generations.get(uuid) ?? -1;
    const present = store.runs.get(uuid);
    if (generation < highest) refuse(peer, id, 'stale-generation', `generation ${highest} was accepted`);
    else if (present?.generation === generation && present.state !== 'finished') peer.send({ type: 'ok', id });
    else if (generation === highest) refuse(peer, id, 'already-finished', 'it has run here');
    else if (present !== undefined)
      refuse(peer, id, 'older-generation', `generation ${present.generation} is still here`);
    else if (store.broken !== undefined) refuse(peer, id, 'broken', store.broken);
    else if (this.#host.faults.diskFull)
      refuse(peer, id, 'broken', 'the start cannot be stored: no space left on the device');
    else if (store.draining) refuse(peer, id, 'draining', 'told to accept nothing more');
    else if (leaseOver) refuse(peer, id, 'lease-expired', 'no dispatcher for too long');
    else {
      this.#begin(peer, request);
    }
  }

  /** Written down first; then it is under way, whether or not anybody hears of it. */
  #begin(peer: AgentPeer, request: StartRequest): void {
    const { store } = this;
    if (this.#crashes()) return;
    store.generations.set(request.uuid, request.generation);
    const run = this.#runs.write(request);
    store.sync();
    if (this.#crashes()) {
      this.#runs.neverBegan(run);
      return;
    }
    this.#runs.launch(run, request, peer.hostKey);
    peer.send({ type: 'ok', id: request.id });
    if (this.#crashes()) return;
    this.#emit((sequence) => ({
      type: 'started',
      sequence,
      uuid: run.uuid,
      generation: run.generation,
      startedAtMs: run.startedAtMs,
    }));
  }

  /** A fault: the agent's process dies at this very write. */
  #crashes(): boolean {
    return this.#host.crashesHere();
  }

  #kill(peer: AgentPeer, { id, uuid, generation }: KillRequest): void {
    peer.send({ type: 'ok', id });
    this.#runs.kill(uuid, generation);
  }

  #ack(peer: AgentPeer, { id, uuid, generation, hash }: AckRequest): void {
    const run = this.store.runs.get(uuid);
    if (run?.generation !== generation || run.state !== 'finished') {
      refuse(peer, id, 'not-found', 'no such result');
      return;
    }
    if (run.hash !== hash) {
      refuse(peer, id, 'hash-mismatch', `the result here is ${run.hash ?? 'missing'}`);
      return;
    }
    this.store.runs.delete(uuid);
    // Not synced: after a power loss the run may be back, and what is left of it is unknown.
    if (this.#crashes()) return;
    // Nobody will ever have to hear of it again.
    this.#events = this.#events.filter((e) => !('uuid' in e) || e.uuid !== uuid || e.generation !== generation);
    this.#host.hooks.onAcked?.(this.#host.instanceId, uuid, generation);
    peer.send({ type: 'ok', id });
  }

  #logs(peer: AgentPeer, { id, uuid, generation, stream, offset, maxBytes }: LogsRequest): void {
    const run = this.store.runs.get(uuid);
    if (run?.generation !== generation) {
      refuse(peer, id, 'not-found', 'no such run');
      return;
    }
    const bytes = logBytes(run.plan, stream);
    const piece = bytes.subarray(offset, offset + maxBytes);
    const end = run.state === 'finished' && offset + piece.length >= bytes.length;
    peer.send({ type: 'logs', id, offset, base64: Buffer.from(piece).toString('base64'), end });
  }

  #emit(make: (sequence: number) => RunnerEvent): void {
    this.store.sequence += 1;
    const event = make(this.store.sequence);
    this.#events.push(event);
    if (this.#events.length > 2 * keptEvents) this.#events = this.#events.slice(-keptEvents);
    for (const peer of this.#peers)
      if (peer.epoch === this.store.epoch && peer.session === this.store.session) peer.send(event);
  }
}

function refuse(peer: AgentPeer, id: number, code: RefusalCode, message: string): void {
  peer.send({ type: 'refused', id, code, message });
}
