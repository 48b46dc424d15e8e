import type { Envelope, Reply } from './protocol.ts';

/** Of more containers at once nobody waits for the first so eagerly that they should be read twice. */
const maxContainers = 16;

/**
 * The poll that follows when a user has submitted something, asked along with the submission: it spares a container that could start
 * at once a way to the worker and back. Its answer holds only within the wake that it causes, and only if nothing was asked since:
 * then it is what a poll would bring that begins with the wake.
 */
export class ForeseenPoll {
  /** Where the next poll will go on. */
  #since: number | undefined;
  #asked: { readonly id: number; readonly since: number } | undefined;
  #answer: { readonly since: number; readonly reply: Reply } | undefined;

  /** A poll has come as far as this. */
  polledTo(cursor: number): void {
    this.#since = cursor;
  }

  /** The poll to add to a batch that is about to be sent, numbered `id`; undefined: nothing calls for one. */
  along(batch: readonly Envelope[], id: number): Envelope | undefined {
    const last = batch.findLast(({ request }) => request.kind === 'submit');
    if (last?.request.kind !== 'submit' || last.request.containers.length > maxContainers) return undefined;
    if (this.#since === undefined) return undefined;
    this.#asked = { id, since: this.#since };
    return { id, atMs: last.atMs, request: { kind: 'poll', since: this.#since } };
  }

  /** Runs `wake` with the answer to that poll at hand, if it is among these and still says all. `lastId`: of all requests. */
  during(replies: readonly { readonly id: number; readonly reply: Reply }[], lastId: number, wake: () => void): void {
    const asked = this.#asked;
    const found = asked?.id === lastId ? replies.find(({ id }) => id === asked.id) : undefined;
    if (asked !== undefined && found?.reply.kind === 'entries')
      this.#answer = { since: asked.since, reply: found.reply };
    try {
      wake();
    } finally {
      this.#answer = undefined;
    }
  }

  /** The answer to a poll from there, if it is at hand. Once. */
  take(since: number | undefined): Reply | undefined {
    const answer = this.#answer;
    if (answer === undefined || answer.since !== since) return undefined;
    this.#answer = undefined;
    return answer.reply;
  }
}
