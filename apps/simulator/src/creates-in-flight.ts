import type { CreateRequest, Instance } from '@drover/spec';

/** Which VMs are asked for in calls that have not been answered, and do not exist yet. */
export class CreatesInFlight {
  readonly #secretTag: string;
  readonly #effectWithinMs: number;
  /** When each began. */
  readonly #open = new Map<CreateRequest, number>();
  readonly #made = new Set<string | undefined>();

  /** `effectWithinMs`: later than that a call has brought all the VMs that it will ever bring, answered or not. */
  constructor(secretTag: string, effectWithinMs: number) {
    this.#secretTag = secretTag;
    this.#effectWithinMs = effectWithinMs;
  }

  /**
   * How many VMs may be added to the existing ones by this request and all unanswered ones. A repeated request adds
   * nothing twice, and a VM without tags may be any of those asked for: it counts in favour of the dispatcher.
   */
  toCome(request: CreateRequest, untagged: number, nowMs: number): number {
    for (const [open, beganAtMs] of this.#open) if (nowMs - beganAtMs > this.#effectWithinMs) this.#open.delete(open);
    const secrets = new Set([request, ...this.#open.keys()].flatMap((open) => this.#secrets(open)));
    const missing = [...secrets].filter((secret) => !this.#made.has(secret)).length;
    return Math.max(0, missing - untagged);
  }

  /** It exists. A VM comes once: whether its call is answered or not, it is not to come again after its end. */
  note(vm: Instance): void {
    this.#made.add(vm.tags[this.#secretTag]);
  }

  /** Whether the tags that a VM was to be made with are not to be seen on it. */
  isUntagged(vm: Instance): boolean {
    return vm.tags[this.#secretTag] === undefined;
  }

  begin(request: CreateRequest, nowMs: number): void {
    this.#open.set(request, nowMs);
  }

  /** However it ended. */
  answered(request: CreateRequest): void {
    this.#open.delete(request);
  }

  #secrets(request: CreateRequest): readonly string[] {
    return request.tags.map((tags) => tags[this.#secretTag] ?? '');
  }
}
