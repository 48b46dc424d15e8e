import { notLeading } from '@drover/queue-rules';
import { damaged } from './codes.ts';
import type { InstanceLock } from './instance-lock.ts';
import { numberIn } from './row.ts';
import type { Tables } from './tables.ts';

/** Whether this connection leads, checked against the database in every transaction that needs it. */
export class LeadershipGuard {
  readonly #takeLock: () => InstanceLock;
  readonly #tables: Tables;
  #lock: InstanceLock | undefined;
  #epoch: number | undefined;
  #checked = false;
  /** What a rollback of this transaction returns to, when a lead was taken in it. */
  #undo: { readonly epoch: number | undefined } | undefined;
  #lostEpoch: number | undefined;

  /** `takeLock` throws QUEUE_IN_USE while another one has the lock. */
  constructor(takeLock: () => InstanceLock, tables: Tables) {
    this.#takeLock = takeLock;
    this.#tables = tables;
  }

  /** A new transaction begins: what was known of the epoch must be read again. */
  begin(): void {
    this.#checked = false;
    this.#undo = undefined;
  }

  /** Takes the lock and the next epoch. Leading again, by the same connection, takes a new epoch. */
  lead(): number {
    this.#undo ??= { epoch: this.#epoch };
    // If another one has led since, the lock that is held here is none any more (its file was deleted by hand).
    if (this.#epoch !== undefined && this.#readEpoch() !== this.#epoch) this.release(this.#epoch);
    this.#lock ??= this.#takeLock();
    this.#tables.write("UPDATE meta SET value = value + 1 WHERE key = 'epoch'");
    this.#epoch = this.#readEpoch();
    this.#checked = true;
    return this.#epoch;
  }

  /** Gives the lead up, if this epoch still has it. */
  release(epoch: number): void {
    if (this.#epoch !== epoch) return;
    this.#epoch = undefined;
    this.#lock?.release();
    this.#lock = undefined;
  }

  /** The transaction was rolled back: an epoch taken in it never was. */
  rolledBack(): void {
    if (this.#undo === undefined) return;
    this.#epoch = this.#undo.epoch;
    this.#undo = undefined;
    if (this.#epoch !== undefined) return;
    this.#lock?.release();
    this.#lock = undefined;
  }

  get epoch(): number | undefined {
    return this.#epoch;
  }

  /**
   * The fence: within the writing transaction nobody else can lead, and if somebody has led since, the epoch says so
   * (the lock file may have been deleted by hand). @throws DroverError QUEUE_IN_USE
   */
  check(operation: string): void {
    if (this.#epoch !== undefined && !this.#checked && this.#readEpoch() !== this.#epoch) {
      this.#lostEpoch = this.#epoch;
      this.release(this.#epoch);
    }
    this.#checked = true;
    if (this.#epoch === undefined) throw notLeading(operation);
  }

  /** The epoch whose loss was found since the last call. */
  takeLostEpoch(): number | undefined {
    const lost = this.#lostEpoch;
    this.#lostEpoch = undefined;
    return lost;
  }

  #readEpoch(): number {
    const row = this.#tables.one("SELECT value FROM meta WHERE key = 'epoch'");
    if (row === undefined) throw damaged('the epoch is missing');
    return numberIn(row, 'value');
  }
}
