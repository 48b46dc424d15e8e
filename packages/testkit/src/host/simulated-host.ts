import {
  type Clock,
  ConnectError,
  type InstanceId,
  type RunnerMessage,
  type RunnerRequest,
  type StartRequest,
} from '@drover/spec';
import { FaultDice } from '../cloud/fault-dice.ts';
import type { CommandHost } from './host-commands.ts';
import { type HostFaults, hostFaults, type HostHooks, type SimulatedHostsOptions } from './host-options.ts';
import { type AgentPeer, SimulatedAgent } from './simulated-agent.ts';
import { SimulatedKernel } from './simulated-kernel.ts';
import { SimulatedLine } from './simulated-line.ts';

const keptStarts = 1_000;
/** OpenSSH's default: sessions and channels of one connection. */
const maxSessions = 10;
/** OpenSSH's default: handshakes under way above which it drops new ones (by chance; here all). */
const maxStartups = 10;
/** How long a dead agent is down; the service manager starts it again. */
const agentRestartMs = 2_000;

/** Faults of a host that are drawn anew with each command, line or channel. */
export type HostStrike = 'lingering' | 'reply-lost' | 'exit-status-lost' | 'agent-crash' | 'channel-reset';

/** What a new host is made with. */
export interface HostBirth {
  readonly instanceId: InstanceId;
  readonly address: string;
  /** `<type> <base64>`. */
  readonly hostKey: string;
  readonly secret: string | undefined;
}

/** One VM as seen over the network: sshd in front, the agent behind it. Times are virtual. */
export class SimulatedHost {
  readonly instanceId: InstanceId;
  readonly address: string;
  readonly faults: HostFaults;
  readonly agent: SimulatedAgent;
  readonly commands: CommandHost;
  readonly clock: Clock;
  readonly kernel: SimulatedKernel;
  readonly hooks: HostHooks;
  readonly latencyMs: number;
  /** Change it to make the host present another key from the next connection on. */
  hostKey: string;
  /** Change it to make the secret file say something else; undefined: it is not there. */
  secret: string | undefined;
  alive = true;
  readonly #dice: FaultDice;
  readonly #lines = new Set<SimulatedLine>();
  readonly #starts: StartRequest[] = [];
  #received = 0;
  #kills = 0;
  #resets = 0;
  #handshakes = 0;
  readonly #formerKeys: string[] = [];

  constructor(birth: HostBirth, options: SimulatedHostsOptions) {
    this.instanceId = birth.instanceId;
    this.address = birth.address;
    this.hostKey = birth.hostKey;
    this.secret = birth.secret;
    this.clock = options.clock;
    this.latencyMs = options.latencyMs ?? 0;
    this.#dice = new FaultDice(options.random.fork(`host ${birth.instanceId}`), options.gate);
    this.faults = hostFaults(options.faults);
    const hooks = options.hooks ?? {};
    this.hooks = hooks;
    this.kernel = new SimulatedKernel(birth.instanceId);
    this.agent = new SimulatedAgent({
      instanceId: birth.instanceId,
      clock: options.clock,
      faults: this.faults,
      hooks,
      planRun: options.planRun ?? (() => ({ runTimeMs: 1_000 })),
      kernel: this.kernel,
      powerOff: () => hooks.onPowerOff?.(birth.instanceId),
      crashesHere: () => this.strikes('agent-crash', this.faults.agentCrashRate) && this.crashAgent(agentRestartMs),
    });
    this.commands = this.#commandHost();
  }

  /** How many requests the agent has received. */
  get received(): number {
    return this.#received;
  }

  /** The starts that the agent has received, accepted or not; the last thousand. */
  get starts(): readonly StartRequest[] {
    return this.#starts;
  }

  /** How many kills the agent has received. */
  get kills(): number {
    return this.#kills;
  }

  /** Control and log channels that are open. */
  get openChannels(): number {
    return this.#lines.size;
  }

  /** The host presents another key from the next connection on. */
  changeKey(key: string): void {
    this.#formerKeys.push(this.hostKey);
    this.hostKey = key;
  }

  /** Every key that it has presented at some time. */
  get keysEver(): readonly string[] {
    return [...this.#formerKeys, this.hostKey];
  }

  /** Lines on their way to or from the agent. */
  get linesUnderWay(): number {
    let count = 0;
    for (const line of this.#lines) count += line.underWay;
    return count;
  }

  /** Runs that are alive now. */
  get liveRuns(): readonly { readonly uuid: string; readonly generation: number }[] {
    return [...this.agent.store.runs.values()].filter((run) => run.state !== 'finished');
  }

  /** Opens a channel to the agent over a connection made with this host key; the caller has checked that the host can be reached. */
  openChannel(hostKey: string): SimulatedLine {
    const peer: AgentPeer = {
      epoch: -1,
      session: -1,
      hostKey,
      send: (message) => send(message),
      sendText: (text) => line.deliver(text),
    };
    const line = new SimulatedLine(this.clock, this.latencyMs, {
      receive: (text) => {
        const request = parseRequest(text);
        if (request === undefined) return;
        this.#count(request);
        this.agent.receive(peer, request);
      },
      closed: () => {
        this.agent.leave(peer);
        this.#lines.delete(line);
      },
      lingersMs: () =>
        this.alive && this.strikes('lingering', this.faults.lingerRate) ? this.faults.lingerMs : undefined,
      isFrozen: () => this.faults.frozen || !this.alive,
      breaks: () => this.strikes('channel-reset', this.faults.channelResetRate),
    });
    const send = (message: RunnerMessage): void => {
      if (message.type === 'refused') this.hooks.onRefused?.(this.instanceId, message.code);
      line.deliver(JSON.stringify(message));
    };
    this.#lines.add(line);
    return line;
  }

  /** Another handshake begins; false: sshd has too many under way and drops it. */
  beginHandshake(): boolean {
    if (this.#handshakes >= maxStartups) return false;
    this.#handshakes += 1;
    return true;
  }

  endHandshake(): void {
    this.#handshakes -= 1;
  }

  /** Whether a connection with so many sessions and channels may open another. */
  mayOpenSession(open: number): boolean {
    return open < maxSessions;
  }

  /** The agent's process dies and is started again; what runs goes on. */
  crashAgent(downMs: number): true {
    this.agent.crash();
    this.faults.agentDead = true;
    this.resetConnections();
    this.clock.timer(downMs, () => (this.faults.agentDead = false));
    return true;
  }

  /** The VM loses its power and is back after `downMs`, the same instance with another boot id. */
  reboot(downMs: number): void {
    if (!this.alive || this.faults.frozen) return;
    this.agent.losePower();
    this.faults.frozen = true;
    this.clock.timer(downMs, () => {
      if (!this.alive) return;
      this.resetConnections();
      this.faults.frozen = false;
      this.agent.boot();
    });
  }

  /** True when this fault strikes now, drawn with this probability. */
  strikes(fault: HostStrike, rate: number): boolean {
    return this.#dice.strikes(fault, rate);
  }

  /** How often all connections were broken. */
  get resets(): number {
    return this.#resets;
  }

  /** Breaks every connection. What runs goes on. */
  resetConnections(): void {
    this.#resets += 1;
    for (const line of this.#lines) line.reset(new ConnectError(`The connection to ${this.address} was reset.`));
  }

  /** The VM is gone. By default without a word to whoever is connected. */
  die(how: 'silently' | 'with a reset' = 'silently'): void {
    if (!this.alive) return;
    this.agent.die();
    if (how === 'with a reset') this.resetConnections();
    this.alive = false;
  }

  #count(request: RunnerRequest): void {
    this.#received += 1;
    if (request.type === 'kill') this.#kills += 1;
    if (request.type !== 'start') return;
    this.#starts.push(request);
    if (this.#starts.length > keptStarts) this.#starts.shift();
  }

  #commandHost(): CommandHost {
    const { faults, agent } = this;
    const secret = (): string | undefined => this.secret;
    return {
      folders: new Set<string>(),
      statusJson: () => agent.statusText,
      get booted() {
        return !faults.notBooted;
      },
      get agentRuns() {
        return !faults.agentDead;
      },
      get secret() {
        return secret();
      },
    };
  }
}

const listHead = '{"type":"list","id":';

/** The lines come from the pool under test: what is not a request is its fault and shows as no answer. */
function parseRequest(text: string): RunnerRequest | undefined {
  // What probes ask, word for word: nearly everything that ever comes.
  const listed = text.startsWith(listHead) ? Number(text.slice(listHead.length, -1)) : Number.NaN;
  if (Number.isSafeInteger(listed)) return { type: 'list', id: listed };
  const value: unknown = JSON.parse(text);
  return isRequest(value) ? value : undefined;
}

const requestTypes: ReadonlySet<unknown> = new Set(['hello', 'start', 'kill', 'ack', 'list', 'logs', 'drain', 'renew']);

function isRequest(value: unknown): value is RunnerRequest {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    requestTypes.has(value.type) &&
    'id' in value &&
    typeof value.id === 'number'
  );
}
