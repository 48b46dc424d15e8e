import type { CreateRequest, Instance } from '@drover/spec';

/** Which VMs are asked for in calls that have not been answered, and do not exist yet. */
export class CreatesInFlight {
  readonly #secretTag: string;
  readonly #open = new Set<CreateRequest>();
  readonly #made = new Set<string | undefined>();

  constructor(secretTag: string) {
    this.#secretTag = secretTag;
  }

  /**
   * How many VMs may be added to the existing ones by this request and all unanswered ones. A repeated request adds
   * nothing twice, and a VM without tags may be any of those asked for: it counts in favour of the dispatcher.
   */
  toCome(request: CreateRequest, existing: readonly Instance[]): number {
    const secrets = new Set([request, ...this.#open].flatMap((open) => this.#secrets(open)));
    this.note(existing);
    const missing = [...secrets].filter((secret) => !this.#made.has(secret)).length;
    const untagged = existing.filter((vm) => vm.tags[this.#secretTag] === undefined).length;
    return Math.max(0, missing - untagged);
  }

  /** These exist. A VM comes once: whether its call is answered or not, it is not to come again after its end. */
  note(existing: readonly Instance[]): void {
    for (const vm of existing) this.#made.add(vm.tags[this.#secretTag]);
  }

  begin(request: CreateRequest, answered: Promise<unknown>): void {
    this.#open.add(request);
    void answered.then(() => this.#open.delete(request));
  }

  #secrets(request: CreateRequest): readonly string[] {
    return request.tags.map((tags) => tags[this.#secretTag] ?? '');
  }
}
