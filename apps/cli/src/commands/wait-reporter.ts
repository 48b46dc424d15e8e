import type { ContainerEvent, ContainerUuid } from '@drover/spec';
import type { DroverClient } from '@drover/management-api/client';
import { oneLine } from '../output/terminal.ts';

/** A container that starts sooner than this needs no explanation. */
const patienceMs = 2_000;

/** Says why a container does not start, and again whenever the reason changes. */
export class WaitReporter implements Disposable {
  readonly #client: DroverClient;
  readonly #uuid: ContainerUuid;
  readonly #say: (text: string) => void;
  readonly #timer: NodeJS.Timeout;
  #waits = true;
  #said = '';

  constructor(client: DroverClient, uuid: ContainerUuid, say: (text: string) => void) {
    this.#client = client;
    this.#uuid = uuid;
    this.#say = say;
    this.#timer = setInterval(() => void this.#look(), patienceMs).unref();
  }

  event({ kind, detail, state, generation }: ContainerEvent): void {
    this.#waits = state === 'Queued' || state === 'Locked';
    if (kind === 'lost')
      this.#say(`drover: attempt ${generation} was lost (${oneLine(detail ?? 'no detail')}); it runs again`);
    else if (kind === 'finished' && state === 'Queued')
      this.#say(`drover: attempt ${generation} failed; it runs again`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (!this.#waits) return;
    try {
      const { sentence } = await this.#client.why(this.#uuid, { signal: AbortSignal.timeout(patienceMs) });
      if (!this.#waits || sentence === this.#said) return;
      this.#said = sentence;
      this.#say(`drover: ${oneLine(sentence)}`);
    } catch {
      // The event stream notices a lost connection and says so.
    }
  }
}
