import { connect, type Socket } from 'node:net';
import type { SpawnerPort } from './ports.ts';
import { encodeOrder, encodeStart, parseReport, type SpawnerReport } from './spawner-frames.ts';

/** How often a spawner that does not answer yet is tried again. */
const retryMs = 5;
/** A spawner that has not come up by then is started once more. */
const startTimeoutMs = 3000;

export interface SpawnerClientOptions {
  readonly stateFolder: string;
  /** Path of the native helper. */
  readonly helper: string;
  readonly log: (text: string) => void;
}

/**
 * The connection to the spawner. It is started when there is none, and again whenever it dies: the shims go on meanwhile, and
 * `ready` tells the agent to look at them.
 */
export class SpawnerClient implements SpawnerPort {
  readonly #options: SpawnerClientOptions;
  #socket: Socket | undefined;
  #ready = false;
  #closed = false;
  #queued: Buffer[] = [];
  #partial = '';
  #listener: (report: SpawnerReport) => void = () => {};

  constructor(options: SpawnerClientOptions) {
    this.#options = options;
  }

  onReport(listener: (report: SpawnerReport) => void): void {
    this.#listener = listener;
  }

  start(start: Parameters<SpawnerPort['start']>[0]): void {
    this.#send(encodeStart(start));
  }

  probe(key: string): void {
    this.#send(encodeOrder('P', key));
  }

  forget(key: string): void {
    this.#send(encodeOrder('F', key));
  }

  killStale(key: string): void {
    this.#send(encodeOrder('K', key));
  }

  close(): void {
    this.#closed = true;
    this.#socket?.destroy();
  }

  /** Connects, starting the spawner if necessary; goes on trying until it succeeds or the client is closed. */
  open(): void {
    let startedAt = -Infinity;
    const attempt = (): void => {
      if (this.#closed) return;
      const socket = connect(`${this.#options.stateFolder}/spawner.sock`);
      socket.once('connect', () => this.#use(socket));
      socket.once('error', () => {
        if (performance.now() - startedAt > startTimeoutMs) {
          startedAt = performance.now();
          void this.#spawn(() => {
            startedAt = -Infinity;
          });
        }
        setTimeout(attempt, retryMs);
      });
    };
    attempt();
  }

  /** Frames of one tick leave together: the socket is corked until the tick is over. */
  #send(frame: Buffer): void {
    this.#queued.push(frame);
    if (this.#queued.length === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    if (!this.#ready || this.#socket === undefined || this.#queued.length === 0) return;
    const frames = this.#queued;
    this.#queued = [];
    this.#socket.write(frames.length === 1 && frames[0] !== undefined ? frames[0] : Buffer.concat(frames));
  }

  #use(socket: Socket): void {
    this.#socket = socket;
    this.#partial = '';
    socket.removeAllListeners('error');
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => this.#read(chunk));
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#ready = false;
      this.#socket = undefined;
      // What was meant for this spawner is asked for anew by the agent once the next one is ready.
      this.#queued = [];
      if (!this.#closed) this.#options.log('the spawner is gone; starting another');
      this.open();
    });
  }

  #read(chunk: string): void {
    const lines = (this.#partial + chunk).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) {
      const report = parseReport(line);
      if (report === undefined) continue;
      if (report.verb === 'ready') {
        this.#ready = true;
        this.#queued = [];
      }
      this.#listener(report);
    }
  }

  /** `ended`: it is gone again, another one may be started. */
  async #spawn(ended: () => void): Promise<void> {
    // Loaded only here: most agents find a spawner or start one in their whole life.
    const { spawn } = await import('node:child_process');
    const child = spawn(this.#options.helper, ['spawner', this.#options.stateFolder], {
      detached: true,
      stdio: 'ignore',
    });
    child.once('error', (error) => this.#options.log(`cannot start the spawner: ${error.message}`));
    child.once('exit', ended);
    child.unref();
  }
}
