import type { ContainerEvent, ContainerState } from '@drover/spec';
import { isFinal } from '@drover/management-api/client';
import { paintState } from '../output/states.ts';
import { note, paint } from '../output/terminal.ts';

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 80;
const clearLine = '\r\u001b[2K';
const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';

/** Shows on stderr how a batch gets on: one line that moves on a terminal, one line per change elsewhere. */
export class BatchProgress implements Disposable {
  readonly #names: ReadonlyMap<string, string>;
  readonly #states = new Map<string, ContainerState>();
  readonly #startedMs = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #frame = 0;

  constructor(names: ReadonlyMap<string, string>) {
    this.#names = names;
    for (const uuid of names.keys()) this.#states.set(uuid, 'Queued');
    this.#timer = process.stderr.isTTY ? setInterval(() => this.#draw(), frameMs).unref() : undefined;
  }

  event({ uuid, state, kind }: ContainerEvent): void {
    const name = this.#names.get(uuid);
    if (name === undefined) return;
    this.#states.set(uuid, state);
    if (this.#timer !== undefined) return this.#draw();
    if (kind === 'started' || isFinal(state)) note(`${this.#seconds().padStart(6)}  ${state.padEnd(9)}  ${name}`);
  }

  get open(): number {
    return [...this.#states.values()].filter((state) => !isFinal(state)).length;
  }

  [Symbol.dispose](): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    process.stderr.write(`${clearLine}${showCursor}`);
  }

  #draw(): void {
    this.#frame = (this.#frame + 1) % spinner.length;
    const count = (...wanted: readonly ContainerState[]): number =>
      [...this.#states.values()].filter((state) => wanted.includes(state)).length;
    const total = this.#states.size;
    const done = count('Complete', 'Cancelled');
    const width = 24;
    const filled = total === 0 ? width : Math.round((width * done) / total);
    const bar = `${paint('green', '━'.repeat(filled), process.stderr)}${paint('dim', '━'.repeat(width - filled), process.stderr)}`;
    const parts = [
      `${done}/${total} done`,
      paintState(`${count('Running')} running`, 'Running', process.stderr),
      paintState(`${count('Queued', 'Locked')} waiting`, 'Queued', process.stderr),
      paint('dim', this.#seconds(), process.stderr),
    ];
    process.stderr.write(`${clearLine}${hideCursor}${spinner[this.#frame] ?? ''} ${bar}  ${parts.join('  ')}`);
  }

  #seconds(): string {
    return `${((performance.now() - this.#startedMs) / 1_000).toFixed(1)}s`;
  }
}
