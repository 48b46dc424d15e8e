import { type ChannelTarget, type Command, type CommandResult, ConnectError, type LineChannel } from '@drover/spec';
import { parseRunnerRequest } from './agent-requests.ts';
import type { HostWorld } from './host-world.ts';
import type { AgentChannel } from './simulated-agent.ts';
import type { SimulatedHost } from './simulated-host.ts';
import { SimulatedLineChannel } from './simulated-line-channel.ts';
import { simulatedCommands } from './simulated-runner.ts';
import { Wire } from './wire.ts';

/** One SSH connection to one simulated host: what is sent takes time, and all of it may break at any moment. */
export class HostConnection {
  readonly key: string;
  readonly #host: SimulatedHost;
  readonly #world: HostWorld;
  readonly #toHost: Wire;
  readonly #toClient: Wire;
  readonly #pending = new Set<(error: Error) => void>();
  readonly #channels = new Map<SimulatedLineChannel, AgentChannel>();
  readonly #visitor = { hostGone: () => this.#hostGone() };
  #open = true;
  #frozen = false;

  constructor(host: SimulatedHost, world: HostWorld) {
    this.#host = host;
    this.#world = world;
    this.key = host.hostKeys[0] ?? '';
    const delayMs = (): number => world.dice.delayMs('sshLatency', world.latency);
    this.#toHost = new Wire(world.clock, delayMs);
    this.#toClient = new Wire(world.clock, delayMs);
    host.visit(this.#visitor);
    this.#breakLater();
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Rejects with ConnectError when the connection breaks first; then it may or may not have run. */
  run(command: Command): Promise<CommandResult> {
    return this.#ask((answer) => {
      const result = this.#host.run(command.command);
      if (!this.#answerIsLost()) this.#toClient.send(() => answer(result));
    });
  }

  /** Rejects with ConnectError when nothing listens there. */
  async open(target: ChannelTarget): Promise<LineChannel> {
    const accepted = await this.#ask<boolean>((answer) => {
      const { agent } = this.#host;
      const listens = target.command.includes(simulatedCommands.attach) && agent.isUp;
      this.#toClient.send(() => answer(listens));
    });
    if (!accepted) throw new ConnectError('nothing listens on the VM');
    const channel = new SimulatedLineChannel({
      send: (line) => this.#toHost.send(() => this.#hostReceives(channel, line)),
      close: () => this.#toHost.send(() => this.#hostCloses(channel)),
    });
    const agentEnd: AgentChannel = {
      send: (message) => this.#toClient.send(() => channel.receive(JSON.stringify(message))),
      close: () => this.#toClient.send(() => channel.end(new ConnectError('the agent closed the channel'))),
    };
    this.#channels.set(channel, agentEnd);
    this.#host.agent.attach(agentEnd);
    return channel;
  }

  /** From this side: at once, and what was sent already still arrives. */
  close(): void {
    this.#end(new ConnectError('the connection was closed'));
  }

  #ask<T>(work: (answer: (value: T) => void) => void): Promise<T> {
    if (!this.#open) return Promise.reject(new ConnectError('the connection is lost'));
    return new Promise((resolve, reject) => {
      this.#pending.add(reject);
      this.#toHost.send(() => {
        if (this.#host.isGone) return;
        work((value) => {
          this.#pending.delete(reject);
          resolve(value);
        });
      });
    });
  }

  #hostReceives(channel: SimulatedLineChannel, line: string): void {
    const agentEnd = this.#channels.get(channel);
    const request = parseRunnerRequest(line);
    if (agentEnd === undefined || this.#host.isGone) return;
    if (request === undefined) throw new Error(`the dispatcher sent a line that is no request: ${line}`);
    this.#host.agent.receive(agentEnd, request);
    this.#answerIsLost();
  }

  #hostCloses(channel: SimulatedLineChannel): void {
    const agentEnd = this.#channels.get(channel);
    if (agentEnd !== undefined) this.#host.agent.detach(agentEnd);
    this.#channels.delete(channel);
  }

  /** Drawn once per request: it was carried out, and the connection breaks before anybody hears of it. */
  #answerIsLost(): boolean {
    if (!this.#open || !this.#world.dice.strikes('replyLost', this.#world.faults.replyLostRate)) return false;
    this.#toClient.drop();
    this.#break(new ConnectError('connection reset by peer'));
    return true;
  }

  #breakLater(): void {
    const { clock, dice, faults } = this.#world;
    if (faults.resetMeanMs <= 0) return;
    clock.timer(dice.exponentialMs('sshReset', faults.resetMeanMs), () => {
      if (!this.#open || faults.resetMeanMs <= 0) return;
      if (dice.strikes('sshFreeze', faults.freezeShare)) this.#freeze();
      else {
        dice.hit('sshReset');
        this.#break(new ConnectError('connection reset by peer'));
      }
    });
  }

  /** Nothing arrives any more and nobody says so, until the keepalive gives up. */
  #freeze(): void {
    if (this.#frozen || !this.#open) return;
    this.#frozen = true;
    this.#toClient.delay(Number.MAX_SAFE_INTEGER);
    this.#toHost.delay(Number.MAX_SAFE_INTEGER);
    this.#world.clock.timer(this.#world.faults.keepaliveMs, () => this.#break(new ConnectError('no keepalive answer')));
  }

  #hostGone(): void {
    this.#toHost.drop();
    if (this.#world.faults.freezeShare > 0) this.#freeze();
    else this.#break(new ConnectError('the VM is gone'));
  }

  /** The connection is lost for both sides; requests on their way may yet arrive at the host. */
  #break(error: Error): void {
    if (!this.#open) return;
    const { dice, faults } = this.#world;
    if (!this.#frozen && dice.strikes('linger', faults.lingerRate))
      this.#toHost.delay(dice.delayMs('lingerDelay', { minMs: 0, maxMs: faults.lingerMs }));
    else this.#toHost.drop();
    this.#toClient.drop();
    this.#end(error);
  }

  #end(error: Error): void {
    if (!this.#open) return;
    this.#open = false;
    this.#toClient.drop();
    for (const reject of this.#pending) reject(error);
    this.#pending.clear();
    for (const channel of this.#channels.keys()) channel.end(error);
    // Behind whatever is still on its way.
    this.#toHost.send(() => {
      for (const agentEnd of this.#channels.values()) this.#host.agent.detach(agentEnd);
      this.#channels.clear();
      this.#host.leave(this.#visitor);
    });
  }
}
