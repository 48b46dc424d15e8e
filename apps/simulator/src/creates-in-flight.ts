import type { CreateRequest, Instance } from '@drover/spec';

/** Which VMs are asked for in calls that have not been answered, and do not exist yet. */
export class CreatesInFlight {
  readonly #secretTag: string;
  readonly #open = new Map<CreateRequest, readonly string[]>();

  constructor(secretTag: string) {
    this.#secretTag = secretTag;
  }

  /** How many VMs this request would add to `existing`: it may be a repetition. */
  newVms(request: CreateRequest, existing: readonly Instance[]): number {
    return this.#missing(this.#secrets(request), existing);
  }

  /** All others together. VMs that show no tags may be any of them, so they are counted in favour of the dispatcher. */
  count(request: CreateRequest, existing: readonly Instance[]): number {
    const others = [...this.#open].filter(([open]) => open.createId !== request.createId);
    const missing = others.reduce((sum, [, secrets]) => sum + this.#missing(secrets, existing), 0);
    const untagged = existing.filter((vm) => vm.tags[this.#secretTag] === undefined).length;
    return Math.max(0, missing - untagged);
  }

  begin(request: CreateRequest, answered: Promise<unknown>): void {
    this.#open.set(request, this.#secrets(request));
    void answered.then(() => this.#open.delete(request));
  }

  #secrets(request: CreateRequest): readonly string[] {
    return request.tags.map((tags) => tags[this.#secretTag] ?? '');
  }

  #missing(secrets: readonly string[], existing: readonly Instance[]): number {
    return secrets.filter((secret) => !existing.some((vm) => vm.tags[this.#secretTag] === secret)).length;
  }
}
