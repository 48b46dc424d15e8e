import type { DatabaseSync } from 'node:sqlite';
import type { Context } from './context.ts';
import { openDatabase } from './database.ts';
import { handleMove, handleAppendLog, handleFetch } from './handle-move.ts';
import {
  handleCounts,
  handleEvents,
  handleGet,
  handleLastEvent,
  handleList,
  handlePoll,
  handleReadLog,
} from './handle-read.ts';
import {
  handleBehaviors,
  handleIntents,
  handlePins,
  handleRecordIntent,
  handleRemoveIntent,
  handleRemovePin,
  handleSetBehavior,
  handleSetPin,
} from './handle-state.ts';
import { handleSubmit } from './handle-submit.ts';
import { type InstanceLock, takeInstanceLock } from './instance-lock.ts';
import { LeadershipGuard } from './leadership.ts';
import { LogTable } from './log-table.ts';
import { type BatchOutcome, type Envelope, isWrite, needsLead, type Reply } from './protocol.ts';
import { ShapeTable } from './shape-table.ts';
import type { EngineOptions } from './sqlite-options.ts';
import { Tables } from './tables.ts';
import { checkpoint, preallocateLog } from './write-ahead-log.ts';
import { toWire } from './wire-error.ts';

type Replies = BatchOutcome['replies'];

/** The database's side: synchronous, one batch of requests is one transaction. Runs in a worker or inline. */
export class Engine {
  readonly #database: DatabaseSync;
  readonly #tables: Tables;
  readonly #shapes: ShapeTable;
  readonly #logs: LogTable;
  readonly #lead: LeadershipGuard;
  readonly #options: EngineOptions;

  /** `takeLock`: takes the one right to lead; default: the lock of the path. @throws DroverError QUEUE_IN_USE by `takeLock` */
  constructor(
    options: EngineOptions,
    database: DatabaseSync = openDatabase(options.path),
    takeLock: () => InstanceLock = () => takeInstanceLock(options.path),
  ) {
    this.#options = options;
    this.#database = database;
    if (options.maxPages !== undefined) this.#database.exec(`PRAGMA max_page_count = ${options.maxPages}`);
    this.#tables = new Tables(this.#database);
    this.#shapes = new ShapeTable(this.#tables);
    this.#logs = new LogTable(this.#tables, options.logsDirectory);
    this.#lead = new LeadershipGuard(takeLock, this.#tables);
  }

  /** Under which it leads, as far as it knows. */
  get epoch(): number | undefined {
    return this.#lead.epoch;
  }

  /** Does all of it in one transaction and returns once that is durable. Never throws: errors are replies. */
  run(batch: readonly Envelope[]): BatchOutcome {
    const replies = this.#group(batch);
    return { replies, changedBy: whoChanged(batch, replies), lostEpoch: this.#lead.takeLostEpoch() };
  }

  /** In a quiet moment: does now what would hold up commits later. Takes up to some ten milliseconds. */
  tidy(): void {
    preallocateLog(this.#database, this.#options.path);
    checkpoint(this.#database);
  }

  /** Frees the lead and closes the database. */
  close(): void {
    this.leave();
    this.#database.close();
  }

  /** Frees the lead alone: others work on with the database. */
  leave(): void {
    if (this.#lead.epoch !== undefined) this.#lead.release(this.#lead.epoch);
  }

  /** When the group fails (disk full, a fault in one of them) each is tried alone, so that one cannot fail the others. */
  #group(batch: readonly Envelope[]): Replies {
    try {
      this.#begin(batch.some(({ request }) => isWrite(request)));
      const replies = batch.map((envelope) => ({ id: envelope.id, reply: this.#one(envelope) }));
      this.#tables.exec('COMMIT');
      return replies;
    } catch (error) {
      this.#rollBack();
      const [first] = batch;
      if (first === undefined || batch.length === 1) return batch.map(({ id }) => failed(id, error));
      return batch.flatMap((envelope) => this.#group([envelope]));
    }
  }

  #begin(writes: boolean): void {
    this.#tables.exec(writes ? 'BEGIN IMMEDIATE' : 'BEGIN');
    this.#lead.begin();
  }

  #rollBack(): void {
    if (this.#tables.inTransaction) this.#tables.exec('ROLLBACK');
    this.#shapes.forget();
    this.#lead.rolledBack();
  }

  /** A request that is refused before it wrote anything leaves the transaction as it was; else all must be undone. */
  #one(envelope: Envelope): Reply {
    const writes = this.#tables.writes;
    try {
      if (needsLead(envelope.request)) this.#lead.check(envelope.request.kind);
      return this.#handle(envelope);
    } catch (error) {
      if (this.#tables.writes !== writes || !this.#tables.inTransaction) throw error;
      return { kind: 'error', error: toWire(error) };
    }
  }

  #handle({ request, atMs }: Envelope): Reply {
    const context: Context = {
      tables: this.#tables,
      shapes: this.#shapes,
      logs: this.#logs,
      limits: this.#options.limits,
      atMs,
    };
    switch (request.kind) {
      case 'submit':
        return handleSubmit(context, request);
      case 'move':
        return handleMove(context, request);
      case 'append-log':
        return handleAppendLog(context, request);
      case 'fetch':
        return handleFetch(context, request);
      case 'poll':
        return handlePoll(context, request);
      case 'get':
        return handleGet(context, request);
      case 'list':
        return handleList(context, request);
      case 'counts':
        return handleCounts(context);
      case 'events':
        return handleEvents(context, request);
      case 'last-event':
        return handleLastEvent(context);
      case 'read-log':
        return handleReadLog(context, request);
      case 'lead':
        return { kind: 'number', number: this.#lead.lead() };
      case 'release':
        this.#lead.release(request.epoch);
        return { kind: 'done' };
      case 'pins':
        return handlePins(context);
      case 'set-pin':
        return handleSetPin(context, request);
      case 'remove-pin':
        return handleRemovePin(context, request);
      case 'behaviors':
        return handleBehaviors(context);
      case 'set-behavior':
        return handleSetBehavior(context, request);
      case 'intents':
        return handleIntents(context);
      case 'record-intent':
        return handleRecordIntent(context, request);
      default:
        return handleRemoveIntent(context, request);
    }
  }
}

function whoChanged(batch: readonly Envelope[], replies: Replies): BatchOutcome['changedBy'] {
  let who: BatchOutcome['changedBy'] = 'nobody';
  for (const [i, { request }] of batch.entries()) {
    if (replies[i]?.reply.kind === 'error') continue;
    if (request.kind === 'submit' || (request.kind === 'move' && request.command.kind === 'priority')) return 'user';
    if (request.kind === 'move') who = 'scheduler';
  }
  return who;
}

function failed(id: number, error: unknown): { readonly id: number; readonly reply: Reply } {
  return { id, reply: { kind: 'error', error: toWire(error) } };
}
