import type { Clock, InstanceLifecycle, Tags } from '@drover/spec';
import { endProcesses } from './end-processes.ts';
import { launchVm, type Launched } from './launch-vm.ts';
import { isAlive } from './process-identity.ts';
import type { SshRecord } from './vm/vm-files.ts';
import type { VmFolders } from './vm-folders.ts';
import { lifecycleOf } from './vm-lifecycle.ts';
import type { VmRecord } from './vm-record.ts';

/** One VM as the driver deals with it: its folder, its processes, and what the driver is doing to it just now. */
export class LoopbackVm {
  readonly record: VmRecord;
  readonly #folders: VmFolders;
  readonly #clock: Clock;
  #tags: Tags;
  #ssh: SshRecord | undefined;
  #launching: Promise<Launched> | undefined;
  #ending: Promise<void> | undefined;
  #endedAtMs: number | undefined;

  constructor(record: VmRecord, tags: Tags, around: { readonly folders: VmFolders; readonly clock: Clock }) {
    this.record = record;
    this.#tags = tags;
    this.#folders = around.folders;
    this.#clock = around.clock;
  }

  get tags(): Tags {
    return this.#tags;
  }

  /** Where its SSH server listens; undefined until it does. */
  get ssh(): SshRecord | undefined {
    this.#ssh ??= this.#folders.ssh(this.record.id);
    return this.#ssh;
  }

  /** When this driver saw that nothing of it is left, on the monotonic clock. */
  get endedAtMs(): number | undefined {
    return this.#endedAtMs;
  }

  get lifecycle(): InstanceLifecycle {
    const leader = this.#folders.leader(this.record.id);
    return lifecycleOf({
      leader: leader === undefined ? 'none' : isAlive(leader) ? 'alive' : 'dead',
      launching: this.#launching !== undefined,
      ending: this.#ending !== undefined,
      ended: this.#endedAtMs !== undefined,
      up: this.ssh !== undefined,
      ageMs: this.#clock.wallMs() - this.record.createdAtMs,
    });
  }

  /** Starts its first process, unless it has had one. Rejects with the system's error. */
  async launch(vmCommand: readonly string[]): Promise<void> {
    if (this.#launching === undefined && this.#folders.leader(this.record.id) !== undefined) return;
    this.#launching ??= launchVm(this.record, this.#folders.folder(this.record.id), vmCommand);
    try {
      const launched = await this.#launching;
      void this.#whenSettled(launched);
    } catch (error) {
      this.#launching = undefined;
      throw error;
    }
  }

  /** Resolves when it serves SSH, has died, or was launched by another dispatcher. */
  async settled(): Promise<void> {
    await (
      await this.#launching
    )?.settled;
  }

  /** Ends all its processes; when it resolves, the VM is terminated. */
  async end(): Promise<void> {
    if (this.#endedAtMs !== undefined) return;
    this.#ending ??= this.#endNow();
    await this.#ending;
  }

  setTags(tags: Tags): void {
    const merged = { ...this.#tags, ...tags };
    this.#folders.replaceTags(this.record.id, merged);
    this.#tags = merged;
  }

  async #whenSettled({ settled }: Launched): Promise<void> {
    await settled;
    this.#launching = undefined;
  }

  async #endNow(): Promise<void> {
    try {
      // What is being launched must be on record before it can be ended.
      await this.#launching?.catch(() => undefined);
      const leader = this.#folders.leader(this.record.id);
      await endProcesses({ leader, marker: this.record.marker, isolated: this.record.isolated }, this.#clock);
      this.#endedAtMs = this.#clock.monotonicMs();
    } finally {
      this.#ending = undefined;
    }
  }
}
