import type { RunnerEvent, StartRequest } from '@drover/spec';
import { SimulatedClock } from '@drover/testkit';
import { Agent, type Claim } from '../src/agent/agent.ts';
import { type AgentState, applyRecord, emptyState, type JournalRecord } from '../src/agent/agent-state.ts';
import { processEngine } from '../src/agent/engines/process.ts';
import type { AgentPorts } from '../src/agent/ports.ts';
import type { SpawnerReport } from '../src/agent/spawner-frames.ts';

/** An agent whose disk, spawner and clock are in the test's hands. */
export class FakeVm {
  readonly clock = new SimulatedClock();
  /** What a next agent would read. */
  readonly journal: JournalRecord[] = [];
  /** Orders to the spawner, e.g. `start u.1`, `probe u.1`. */
  readonly orders: string[] = [];
  /** Letters to shims, e.g. `T u.1`. */
  readonly letters: string[] = [];
  readonly powerOffs: number[] = [];
  folders: string[] = [];
  bootId = 'boot-1';
  /** Set to let syncs fail. */
  syncError: Error | undefined;
  /** Set to let syncs take as long as it does. */
  slowSync: Promise<void> | undefined;
  #report: (report: SpawnerReport) => void = () => {};

  /** Starts an agent on what the journal holds; `ready` greets it at once. */
  async start(): Promise<Agent> {
    const state: AgentState = emptyState();
    for (const record of this.journal) applyRecord(state, record);
    const agent = new Agent(this.#ports(), state);
    const opened = agent.open();
    this.report('ready', '1', '1');
    await opened;
    return agent;
  }

  report(verb: SpawnerReport['verb'], key: string, text = ''): void {
    this.#report({ verb, key, text });
  }

  #ports(): AgentPorts {
    return {
      clock: this.clock,
      journal: {
        isLong: false,
        compact: () => {},
        append: (record) => void this.journal.push(record),
        durable: async () => {
          await this.slowSync;
          if (this.syncError !== undefined) throw this.syncError;
        },
        flush: () => {},
      },
      spawner: {
        start: ({ key }) => this.#order('start', key),
        probe: (key) => this.#order('probe', key),
        forget: (key) => this.#order('forget', key),
        killStale: (key) => this.#order('killStale', key),
        onReport: (listener) => {
          this.#report = listener;
        },
      },
      folders: {
        list: () => this.folders,
        order: (key, letter) => {
          this.letters.push(`${letter} ${key}`);
          return true;
        },
        hash: () => '',
        read: () => ({ bytes: Buffer.alloc(0), end: true }),
        cleanupOutput: () => '',
      },
      engineFor: () => processEngine({}),
      removeContainer: () => {},
      bootId: this.bootId,
      version: 'test',
      powerOff: () => this.powerOffs.push(this.clock.monotonicMs()),
      log: () => {},
    };
  }

  /** The spawner answers a probe of a folder that is not there. */
  #order(verb: string, key: string): void {
    this.orders.push(`${verb} ${key}`);
    if (verb === 'probe' && !this.folders.includes(key)) queueMicrotask(() => this.report('gone', key));
  }
}

export const leases = { acceptMs: 60_000, deadManMs: 3_600_000 };

/** Says hello and subscribes; `events` fills. */
export async function attach(agent: Agent, claim: Claim, events: RunnerEvent[] = []): Promise<RunnerEvent[]> {
  const hello = { type: 'hello', id: 1, version: 1, afterSequence: 0, leases, ...claim } as const;
  const refusal = await agent.hello(hello);
  if (refusal !== undefined) throw new Error(refusal.message);
  const sink = {
    offer: (line: string) => {
      events.push(JSON.parse(line));
      return true;
    },
  };
  agent.outbox.subscribe(sink, 0).resume();
  return events;
}

export function startRequest(uuid: string, generation = 1): StartRequest {
  return {
    type: 'start',
    id: 2,
    uuid,
    generation,
    container: { command: ['true'], env: {} },
    limits: { maxRunTimeMs: 0, memoryBytes: 0, vcpus: 0, maxLogBytes: 1, killGraceMs: 1 },
    gpuDevices: [],
    gatewaySecret: '',
  };
}

/** A stored record of a run that ended with this wait status. */
export function exitRecord(key: string, waitStatus = 0): string {
  return `1 ${key} ${waitStatus} - 1 2 0 0 0 0 0 0 `;
}
