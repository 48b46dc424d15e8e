import { ConfigError, type Problem } from '@drover/spec';

/** So many bad lines are named; a file with more of them is something else. */
const maxProblems = 20;

/** What is wrong with the lines of one trace file. */
export class LineProblems {
  readonly #file: string;
  readonly #problems: Problem[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  /** Takes a problem in. @throws ConfigError with all so far when there are too many */
  add(place: { readonly line: number; readonly column: number }, message: string, fix: string): void {
    this.#problems.push({ code: 'TRACE_INVALID', path: '', message, fix, file: this.#file, ...place });
    if (this.#problems.length >= maxProblems) this.check();
  }

  /** @throws ConfigError with every problem, if there is any */
  check(): void {
    if (this.#problems.length > 0) throw new ConfigError(this.#problems);
  }
}
