import type { CreateIntent } from '@drover/spec';

interface Entry {
  /** Secrets of VMs that no listing has shown yet and that may exist. */
  readonly open: Set<string>;
  /** Those among them that no answer has confirmed either: they count as instances. */
  readonly doubtful: Set<string>;
  /** When the create call ended, however; undefined while it runs. */
  settledAtMs: number | undefined;
}

/** Which recorded creates are not resolved yet, VM by VM. A VM is told by its secret. Times are monotonic. */
export class IntentBook {
  readonly #entries = new Map<string, Entry>();

  /** A create is about to be asked for. */
  begin(intent: CreateIntent): void {
    this.#entries.set(intent.createId, {
      open: new Set(intent.secrets),
      doubtful: new Set(),
      settledAtMs: undefined,
    });
  }

  /** Found in the store after a restart: nobody knows what came of it. */
  recover(intent: CreateIntent, nowMs: number): void {
    this.#entries.set(intent.createId, {
      open: new Set(intent.secrets),
      doubtful: new Set(intent.secrets),
      settledAtMs: nowMs,
    });
  }

  /** This VM was certainly not made. */
  failed(createId: string, secret: string): void {
    const entry = this.#entries.get(createId);
    entry?.open.delete(secret);
    entry?.doubtful.delete(secret);
  }

  /** The call is over. `doubtful`: the VMs of which nobody knows whether they were made. */
  settled(createId: string, doubtful: readonly string[], nowMs: number): void {
    const entry = this.#entries.get(createId);
    if (entry === undefined) return;
    entry.settledAtMs = nowMs;
    for (const secret of doubtful) if (entry.open.has(secret)) entry.doubtful.add(secret);
  }

  /** VMs that may exist without being workers. */
  get doubtful(): number {
    let count = 0;
    for (const entry of this.#entries.values()) count += entry.doubtful.size;
    return count;
  }

  /**
   * A complete listing that began at `beganAtMs` shows VMs with these secrets. What no listing shows for twice
   * `consistencyMs` after the call ended was not made: one listing alone may have missed it.
   */
  listed(secrets: ReadonlySet<string>, beganAtMs: number, consistencyMs: number): void {
    for (const entry of this.#entries.values()) {
      const certain = entry.settledAtMs !== undefined && beganAtMs - entry.settledAtMs >= 2 * consistencyMs;
      for (const secret of entry.open) {
        if (secrets.has(secret)) entry.doubtful.delete(secret);
        if (!secrets.has(secret) && !certain) continue;
        entry.open.delete(secret);
        entry.doubtful.delete(secret);
      }
    }
  }

  /** The create whose call is over or whose VM it is, by a launch that failed late. */
  launchFailed(createId: string): void {
    const entry = this.#entries.get(createId);
    if (entry?.settledAtMs === undefined) return;
    const [secret] = entry.doubtful;
    if (secret !== undefined) this.failed(createId, secret);
  }

  /** Takes out the intents that are resolved; the store may forget them. */
  takeResolved(): readonly string[] {
    const resolved: string[] = [];
    for (const [createId, entry] of this.#entries)
      if (entry.settledAtMs !== undefined && entry.open.size === 0) resolved.push(createId);
    for (const createId of resolved) this.#entries.delete(createId);
    return resolved;
  }
}
