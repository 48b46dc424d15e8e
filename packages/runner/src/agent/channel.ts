import type { Socket } from 'node:net';
import type { RunnerMessage, RunnerRequest } from '@drover/spec';
import type { Agent, Claim } from './agent.ts';
import { parseRequest } from './requests.ts';

/** A longer line closes the channel: nothing that the protocol has is longer. */
const maxLineBytes = 4 << 20;
/** Above this, events wait and requests are not read: the peer does not keep up. */
const highWaterBytes = 256 << 10;

/**
 * How long an answer that nobody waits for may linger: that a start was accepted. A short command has ended by then, and all of it
 * travels in one packet, which spares three processes two wake-ups each. Longer than the shim keeps the news of its start, which takes
 * it along.
 */
const lingerMs = 50;

/** One connection to the agent's socket: lines in, lines out, those of one tick in one write. */
export class Channel {
  readonly #agent: Agent;
  readonly #socket: Socket;
  readonly #retire: () => void;
  #partial: Buffer[] = [];
  #partialBytes = 0;
  #out: string[] = [];
  #flushing = false;
  #linger: NodeJS.Timeout | undefined;
  #claim: Claim | undefined;
  /** Requests without an answer yet. */
  #open = 0;
  /** The peer sends nothing more; it still gets its answers. */
  #ended = false;
  #events: { resume(): void; end(): void } | undefined;

  constructor(agent: Agent, socket: Socket, retire: () => void) {
    this.#agent = agent;
    this.#retire = retire;
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('drain', () => {
      socket.resume();
      this.#events?.resume();
    });
    socket.on('error', () => {});
    socket.on('end', () => {
      this.#ended = true;
      this.#endWhenAnswered();
    });
    socket.on('close', () => {
      clearTimeout(this.#linger);
      this.#events?.end();
    });
  }

  #read(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const piece = chunk.subarray(start, end);
      const line = this.#partialBytes === 0 ? piece : Buffer.concat([...this.#partial, piece]);
      this.#partial = [];
      this.#partialBytes = 0;
      start = end + 1;
      if (line.length > 0) this.#handle(line.toString('utf8'));
    }
    if (start < chunk.length) {
      this.#partial.push(chunk.subarray(start));
      this.#partialBytes += chunk.length - start;
    }
    if (this.#partialBytes > maxLineBytes) this.#socket.destroy();
  }

  #handle(line: string): void {
    if (line === 'status') {
      // For probes by a shell: one line, then the end.
      this.#socket.end(`${JSON.stringify(this.#agent.status())}\n`);
      return;
    }
    if (line === 'ping') {
      this.#socket.end('pong\n');
      return;
    }
    if (line === 'retire') {
      // From `ensure`, which starts another version next; the runs go on without an agent meanwhile.
      this.#retire();
      return;
    }
    const parsed = parseRequest(line);
    if (!parsed.ok) {
      this.#send({ type: 'refused', id: parsed.id, code: 'bad-request', message: parsed.message });
      return;
    }
    void this.#answer(parsed.request);
  }

  async #answer(request: RunnerRequest): Promise<void> {
    this.#open += 1;
    await this.#reply(request);
    this.#open -= 1;
    this.#endWhenAnswered();
  }

  async #reply(request: RunnerRequest): Promise<void> {
    if (request.type !== 'hello') {
      const answer = await this.#agent.answer(request, this.#claim);
      const awaited = answer.type !== 'ok' || (request.type !== 'start' && request.type !== 'ack');
      if (awaited) this.#send(answer);
      else this.#writeSoon(JSON.stringify(answer));
      return;
    }
    const refusal = await this.#agent.hello(request);
    if (refusal !== undefined) {
      this.#send({ type: 'refused', id: request.id, ...refusal });
      return;
    }
    this.#claim = { epoch: request.epoch, session: request.session };
    this.#send({ type: 'ok', id: request.id });
    this.#subscribe(this.#claim, request.afterSequence);
  }

  #endWhenAnswered(): void {
    if (!this.#ended || this.#open > 0) return;
    this.#flushAfterTick();
    this.#agent.afterTick(() => this.#socket.end());
  }

  #subscribe(claim: Claim, afterSequence: number): void {
    this.#events?.end();
    if (this.#socket.destroyed) return;
    // A number that was never given means that the state was lost here: everything is sent.
    const known = afterSequence <= this.#agent.status().sequence ? afterSequence : 0;
    this.#events = this.#agent.outbox.subscribe(
      {
        offer: (line) => {
          if (!this.#agent.isCurrent(claim)) {
            this.#events?.end();
            return false;
          }
          this.#write(line);
          return this.#socket.writableLength < highWaterBytes;
        },
      },
      known,
    );
    this.#events.resume();
  }

  #send(message: RunnerMessage): void {
    this.#write(JSON.stringify(message));
  }

  #write(line: string): void {
    this.#out.push(line);
    this.#flushAfterTick();
  }

  /** In order with everything else, with the next line that is awaited or after a moment. */
  #writeSoon(line: string): void {
    this.#out.push(line);
    if (!this.#flushing) this.#linger ??= setTimeout(() => this.#flushAfterTick(), lingerMs);
  }

  /** No message leaves before what it rests on is written. */
  #flushAfterTick(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    this.#agent.afterTick(() => this.#flush());
  }

  #flush(): void {
    clearTimeout(this.#linger);
    this.#linger = undefined;
    this.#flushing = false;
    if (this.#out.length === 0) return;
    const text = `${this.#out.join('\n')}\n`;
    this.#out = [];
    if (this.#socket.destroyed) return;
    if (!this.#socket.write(text) && this.#socket.writableLength > highWaterBytes) this.#socket.pause();
  }
}
