import type { RunnerMessage, RunnerStatus } from '@drover/spec';
import { parseRunnerMessage } from './runner-messages.ts';

/** How a runner begins the line that answers `list`; one that writes it otherwise costs more, and nothing else. */
const statusHead = '{"type":"status","id":';

/**
 * Reads the lines of one channel. Most are answers to probes that say what the last one said: of these only the number is read,
 * which is a tenth of the price of reading all, and the status given is the same object.
 */
export class RunnerLines {
  /** The last status line from behind its number on. */
  #rest: string | undefined;
  #status: RunnerStatus | undefined;

  /** Undefined: not a message of the protocol. */
  read(line: string): RunnerMessage | undefined {
    const comma = line.startsWith(statusHead) ? line.indexOf(',', statusHead.length) : -1;
    if (comma < 0) return parseRunnerMessage(line);
    const rest = line.slice(comma);
    const digits = line.slice(statusHead.length, comma);
    const id = Number(digits);
    // Whatever else stands for a number, or for none, is for the parser to judge.
    const isPlain = Number.isSafeInteger(id) && id >= 0 && String(id) === digits;
    if (isPlain && this.#status !== undefined && rest === this.#rest)
      return { type: 'status', id, status: this.#status };
    const message = parseRunnerMessage(line);
    this.#rest = rest;
    this.#status = message?.type === 'status' ? message.status : undefined;
    return message;
  }
}
