import type { Executor } from '@drover/spec';

/** The connections of one process. The machine closes them when it ends, and those too that its last step still makes. */
export class ProcessConnections {
  readonly #open: Executor[] = [];
  #ended = false;

  add(executor: Executor): void {
    if (this.#ended) void executor.close();
    else this.#open.push(executor);
  }

  end(): void {
    this.#ended = true;
    for (const executor of this.#open.splice(0)) void executor.close();
  }
}
