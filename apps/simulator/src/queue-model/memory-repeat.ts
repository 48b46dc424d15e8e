import { notLeading } from '@drover/queue-rules';
import { type Batch, needsLead, type Reply, type Request } from '@drover/queue-sqlite/simulation';
import { DroverError } from '@drover/spec';
import type { MemoryQueue } from '@drover/testkit';
import { describeReply } from './describe-reply.ts';
import { repeatRequest } from './repeat-request.ts';

/** Does in the queue in memory what a database has just done, in the same order and at the same time, and compares every reply. */
export class MemoryRepeat {
  readonly #memory: MemoryQueue;
  readonly #onDifference: (detail: string) => void;
  /** Under which each connection leads, or led. */
  readonly #epochs = new Map<number, number>();
  #compared = 0;

  constructor(memory: MemoryQueue, onDifference: (detail: string) => void) {
    this.#memory = memory;
    this.#onDifference = onDifference;
  }

  /** Replies compared so far. */
  get compared(): number {
    return this.#compared;
  }

  /** A transaction was committed. */
  batch({ connection, requests, outcome }: Batch): void {
    const replies = new Map(outcome.replies.map(({ id, reply }) => [id, reply]));
    for (const { id, request } of requests) {
      const reply = replies.get(id);
      if (reply === undefined) this.#onDifference(`${subjectOf(request)} was not answered`);
      else this.#compare(connection, request, reply);
    }
  }

  /** A connection is closed: it leads no more. */
  closed(connection: number): void {
    const epoch = this.#epochs.get(connection);
    if (epoch !== undefined) this.#memory.releaseLead(epoch);
    this.#epochs.delete(connection);
  }

  #compare(connection: number, request: Request, reply: Reply): void {
    const ours = this.#outcome(connection, request, reply);
    if (ours === undefined) return;
    const theirs = describeReply(request, reply);
    this.#compared += 1;
    if (ours !== theirs) this.#onDifference(`${subjectOf(request)} gives ${theirs}, and in memory ${ours}`);
  }

  #outcome(connection: number, request: Request, reply: Reply): string | undefined {
    try {
      if (needsLead(request) && !this.#leads(connection)) throw notLeading(request.kind);
      if (request.kind === 'lead') return String(this.#lead(connection));
      if (request.kind !== 'release') return repeatRequest(this.#memory, request, reply);
      this.#memory.releaseLead(request.epoch);
      return 'done';
    } catch (error) {
      if (DroverError.is(error)) return error.code;
      throw error;
    }
  }

  #leads(connection: number): boolean {
    const epoch = this.#epochs.get(connection);
    return epoch !== undefined && this.#memory.leadingEpoch === epoch;
  }

  /** Leading again is no conflict with oneself. */
  #lead(connection: number): number {
    const before = this.#epochs.get(connection);
    if (before !== undefined) this.#memory.releaseLead(before);
    const epoch = this.#memory.takeLead(() => undefined);
    this.#epochs.set(connection, epoch);
    return epoch;
  }
}

function subjectOf(request: Request): string {
  const what = request.kind === 'move' ? request.command.kind : request.kind;
  return 'uuid' in request && request.uuid !== undefined ? `${what} of ${request.uuid}` : what;
}
