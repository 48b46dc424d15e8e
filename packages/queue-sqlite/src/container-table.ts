import type { ContainerFacts } from '@drover/queue-rules';
import { type Attempt, type ContainerEvent, ContainerNotFoundError, type ContainerUuid } from '@drover/spec';
import { eventKinds, nameOf, outcomes, states } from './codes.ts';
import { readResult } from './decode.ts';
import type { WireEntry } from './protocol.ts';
import { numberIn, optionalNumberIn, optionalTextIn, type Row, textIn } from './row.ts';
import type { ShapeTable } from './shape-table.ts';
import type { Tables } from './tables.ts';

/** A container as its row says. */
export interface StoredContainer {
  readonly id: number;
  readonly shapeId: number;
  readonly submittedAtMs: number;
  readonly revision: number;
  readonly facts: ContainerFacts;
}

/** @throws ContainerNotFoundError */
export function readContainer(tables: Tables, shapes: ShapeTable, uuid: ContainerUuid): StoredContainer {
  const row = tables.one('SELECT * FROM containers WHERE uuid = ?', uuid);
  if (row === undefined) throw notFound(uuid);
  return containerOf(row, shapes);
}

function notFound(uuid: ContainerUuid): ContainerNotFoundError {
  return new ContainerNotFoundError(`there is no container ${uuid}`, {
    fix: 'see which there are with: drover containers list',
  });
}

/** A row of `containers` as the rules see it. */
export function containerOf(row: Row, shapes: ShapeTable): StoredContainer {
  const shapeId = numberIn(row, 'shape');
  const { scheduling, retry } = shapes.get(shapeId);
  return {
    id: numberIn(row, 'id'),
    shapeId,
    submittedAtMs: numberIn(row, 'submitted_at'),
    revision: numberIn(row, 'revision'),
    facts: {
      uuid: textIn(row, 'uuid'),
      state: nameOf(states, numberIn(row, 'state')),
      priority: numberIn(row, 'priority'),
      generation: numberIn(row, 'generation'),
      preemptible: scheduling.preemptible,
      retry,
      userFailures: numberIn(row, 'user_failures'),
      startedAttempts: numberIn(row, 'started_attempts'),
      infrastructureFailures: numberIn(row, 'infrastructure_failures'),
      interruptions: numberIn(row, 'interruptions'),
      onDemandOnly: numberIn(row, 'on_demand_only') === 1,
      instanceId: optionalTextIn(row, 'instance_id'),
      cancelReason: optionalTextIn(row, 'cancel_reason'),
      finishedAtMs: optionalNumberIn(row, 'finished_at'),
    },
  };
}

/** The scheduler's part of a container. */
export function wireEntry({ id, shapeId, submittedAtMs, revision, facts }: StoredContainer): WireEntry {
  return {
    uuid: facts.uuid,
    state: facts.state,
    priority: facts.priority,
    generation: facts.generation,
    instanceId: facts.instanceId,
    infrastructureFailures: facts.infrastructureFailures,
    onDemandOnly: facts.onDemandOnly,
    sequence: id,
    submittedAtMs,
    revision,
    shapeId,
  };
}

/** Writes a line of history; returns its sequence, which becomes the container's revision. */
export function insertEvent(
  tables: Tables,
  container: number,
  atMs: number,
  facts: Pick<ContainerFacts, 'generation' | 'state'>,
  event: { readonly kind: ContainerEvent['kind']; readonly detail: string | undefined },
): number {
  return tables.write(
    'INSERT INTO events (at, container, kind, generation, state, detail) VALUES (?, ?, ?, ?, ?, ?)',
    atMs,
    container,
    eventKinds.indexOf(event.kind),
    facts.generation,
    states.indexOf(facts.state),
    event.detail ?? null,
  ).id;
}

/** Moves a container from what was read to `facts`; false when somebody else moved it meanwhile. */
export function updateContainer(
  tables: Tables,
  before: StoredContainer,
  facts: ContainerFacts,
  revision: number,
): boolean {
  const { changes } = tables.write(
    `UPDATE containers SET state = ?, priority = ?, generation = ?, revision = ?, finished_at = ?, user_failures = ?,
       started_attempts = ?, infrastructure_failures = ?, interruptions = ?, on_demand_only = ?, instance_id = ?,
       cancel_reason = ?
     WHERE uuid = ? AND state = ? AND generation = ?`,
    states.indexOf(facts.state),
    facts.priority,
    facts.generation,
    revision,
    facts.finishedAtMs ?? null,
    facts.userFailures,
    facts.startedAttempts,
    facts.infrastructureFailures,
    facts.interruptions,
    facts.onDemandOnly ? 1 : 0,
    facts.instanceId ?? null,
    facts.cancelReason ?? null,
    before.facts.uuid,
    states.indexOf(before.facts.state),
    before.facts.generation,
  );
  if (changes === 1) recount(tables, before.facts.state, facts.state);
  return changes === 1;
}

/** Keeps the numbers per state, so that nobody has to count a million rows. */
export function recount(
  tables: Tables,
  from: ContainerFacts['state'] | undefined,
  to: ContainerFacts['state'],
  by = 1,
): void {
  if (from === to) return;
  if (from !== undefined) tables.write('UPDATE counters SET n = n - ? WHERE state = ?', by, states.indexOf(from));
  tables.write('UPDATE counters SET n = n + ? WHERE state = ?', by, states.indexOf(to));
}

/** The columns that a queue entry is made of: a poll of 100,000 reads no more than it needs. */
const entryColumns = `id, uuid, state, priority, generation, revision, shape, submitted_at, infrastructure_failures,
  on_demand_only, instance_id`;
const unfinishedEntries = `SELECT ${entryColumns} FROM containers WHERE state < 3 ORDER BY id`;
const changedEntries = `SELECT ${entryColumns} FROM containers
  WHERE id IN (SELECT container FROM events WHERE sequence > ?) ORDER BY id`;

/** All unfinished containers, or those with events after `since`; in order of submission. */
export function entriesSince(tables: Tables, since: number | undefined): WireEntry[] {
  const rows = since === undefined ? tables.all(unfinishedEntries) : tables.all(changedEntries, since);
  return rows.map((row) => ({
    uuid: textIn(row, 'uuid'),
    state: nameOf(states, numberIn(row, 'state')),
    priority: numberIn(row, 'priority'),
    generation: numberIn(row, 'generation'),
    instanceId: optionalTextIn(row, 'instance_id'),
    infrastructureFailures: numberIn(row, 'infrastructure_failures'),
    onDemandOnly: numberIn(row, 'on_demand_only') === 1,
    sequence: numberIn(row, 'id'),
    submittedAtMs: numberIn(row, 'submitted_at'),
    revision: numberIn(row, 'revision'),
    shapeId: numberIn(row, 'shape'),
  }));
}

/** One attempt; undefined when that generation never was. */
export function readAttempt(tables: Tables, container: number, generation: number): Attempt | undefined {
  const row = tables.one('SELECT * FROM attempts WHERE container = ? AND generation = ?', container, generation);
  return row === undefined ? undefined : attemptOf(row);
}

/** All attempts in order of generation. */
export function readAttempts(tables: Tables, container: number): Attempt[] {
  return tables.all('SELECT * FROM attempts WHERE container = ? ORDER BY generation', container).map(attemptOf);
}

/** Inserts the attempt or replaces what was known of it. */
export function writeAttempt(tables: Tables, container: number, attempt: Attempt): void {
  tables.write(
    `INSERT OR REPLACE INTO attempts (container, generation, instance_id, instance_type, price_per_hour, locked_at,
       started_at, ended_at, outcome, detail, result) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    container,
    attempt.generation,
    attempt.instanceId ?? null,
    attempt.instanceType ?? null,
    attempt.pricePerHour ?? null,
    attempt.lockedAtMs,
    attempt.startedAtMs ?? null,
    attempt.endedAtMs ?? null,
    attempt.outcome ?? null,
    attempt.detail ?? null,
    attempt.result === undefined ? null : JSON.stringify(attempt.result),
  );
}

function attemptOf(row: Row): Attempt {
  const instanceId = optionalTextIn(row, 'instance_id');
  const instanceType = optionalTextIn(row, 'instance_type');
  const pricePerHour = optionalNumberIn(row, 'price_per_hour');
  const startedAtMs = optionalNumberIn(row, 'started_at');
  const endedAtMs = optionalNumberIn(row, 'ended_at');
  const outcome = optionalTextIn(row, 'outcome');
  const detail = optionalTextIn(row, 'detail');
  const result = optionalTextIn(row, 'result');
  return {
    generation: numberIn(row, 'generation'),
    ...(instanceId === undefined ? {} : { instanceId }),
    ...(instanceType === undefined ? {} : { instanceType }),
    ...(pricePerHour === undefined ? {} : { pricePerHour }),
    lockedAtMs: numberIn(row, 'locked_at'),
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
    ...(endedAtMs === undefined ? {} : { endedAtMs }),
    ...(outcome === undefined
      ? {}
      : {
          outcome: nameOf(
            outcomes,
            outcomes.findIndex((o) => o === outcome),
          ),
        }),
    ...(detail === undefined ? {} : { detail }),
    ...(result === undefined ? {} : { result: readResult(result) }),
  };
}
