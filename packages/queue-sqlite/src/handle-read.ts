import { listLimit, toRecord, toSummary } from '@drover/queue-rules';
import type { ContainerEvent, ContainerState, ContainerSummary } from '@drover/spec';
import { damaged, eventKinds, nameOf, states } from './codes.ts';
import { containerOf, entriesSince, readAttempt, readAttempts, readContainer } from './container-table.ts';
import type { Context } from './context.ts';
import { readSpec, readText, readTexts } from './decode.ts';
import type { Reply, RequestOf } from './protocol.ts';
import { numberIn, optionalTextIn, type Row, textIn } from './row.ts';
import type { Tables } from './tables.ts';

/** What changed since the cursor; everything unfinished when the cursor is none of this database. */
export function handlePoll({ tables, shapes }: Context, { since }: RequestOf<'poll'>): Reply {
  const cursor = lastEvent(tables);
  const complete = since === undefined || since > cursor;
  const entries = entriesSince(tables, complete ? undefined : since);
  return { kind: 'entries', entries, shapes: shapes.wire(entries.map((e) => e.shapeId)), cursor, complete };
}

export function handleGet({ tables, shapes }: Context, { uuid }: RequestOf<'get'>): Reply {
  const { id, facts, submittedAtMs } = readContainer(tables, shapes, uuid);
  const row = tables.one('SELECT json FROM specs WHERE container = ?', id);
  if (row === undefined) throw damaged(`the spec of ${uuid} is missing`);
  const spec = readSpec(textIn(row, 'json'));
  return { kind: 'record', record: toRecord(facts, { spec, submittedAtMs }, readAttempts(tables, id)) };
}

export function handleList(context: Context, { filter }: RequestOf<'list'>): Reply {
  const { tables, shapes } = context;
  const limit = listLimit(filter.limit);
  const before = filter.after === undefined ? Number.MAX_SAFE_INTEGER : readContainer(tables, shapes, filter.after).id;
  const wanted = filter.states === undefined ? undefined : [...new Set(filter.states)];
  const rows =
    wanted === undefined
      ? tables.all('SELECT * FROM containers WHERE id < ? ORDER BY id DESC LIMIT ?', before, limit)
      : wanted
          .flatMap((state) => newestInState(tables, state, before, limit))
          .toSorted((a, b) => numberIn(b, 'id') - numberIn(a, 'id'))
          .slice(0, limit);
  return { kind: 'summaries', summaries: rows.map((row) => summaryOf(context, row)) };
}

export function handleCounts({ tables }: Context): Reply {
  const counts: Record<ContainerState, number> = { Queued: 0, Locked: 0, Running: 0, Complete: 0, Cancelled: 0 };
  for (const row of tables.all('SELECT state, n FROM counters'))
    counts[nameOf(states, numberIn(row, 'state'))] = numberIn(row, 'n');
  return { kind: 'counts', counts };
}

export function handleEvents({ tables, shapes }: Context, { after, uuid, limit }: RequestOf<'events'>): Reply {
  const columns = 'e.sequence, e.at, c.uuid, e.kind, e.generation, e.state, e.detail';
  const rows =
    uuid === undefined
      ? tables.all(
          `SELECT ${columns} FROM events e JOIN containers c ON c.id = e.container
           WHERE e.sequence > ? ORDER BY e.sequence LIMIT ?`,
          after,
          limit,
        )
      : tables.all(
          `SELECT ${columns} FROM events e JOIN containers c ON c.id = e.container
           WHERE e.container = ? AND e.sequence > ? ORDER BY e.sequence LIMIT ?`,
          readContainer(tables, shapes, uuid).id,
          after,
          limit,
        );
  return { kind: 'events', events: rows.map(eventOf) };
}

export function handleLastEvent({ tables }: Context): Reply {
  return { kind: 'number', number: lastEvent(tables) };
}

export function handleReadLog({ tables, shapes, logs }: Context, request: RequestOf<'read-log'>): Reply {
  const { uuid, stream, offset, maxBytes } = request;
  const { id, facts } = readContainer(tables, shapes, uuid);
  const place = { container: id, uuid, generation: request.generation ?? facts.generation, stream };
  return { kind: 'bytes', bytes: logs.read(place, offset, maxBytes) };
}

function lastEvent(tables: Tables): number {
  const row = tables.one('SELECT coalesce(max(sequence), 0) AS last FROM events');
  return row === undefined ? 0 : numberIn(row, 'last');
}

/** The planner takes a partial index only when it sees its condition in the statement: hence three texts. */
function newestInState(tables: Tables, state: ContainerState, before: number, limit: number): Row[] {
  const order = 'AND id < ? ORDER BY id DESC LIMIT ?';
  if (state === 'Complete') return tables.all(`SELECT * FROM containers WHERE state = 3 ${order}`, before, limit);
  if (state === 'Cancelled') return tables.all(`SELECT * FROM containers WHERE state = 4 ${order}`, before, limit);
  const code = states.indexOf(state);
  return tables.all(`SELECT * FROM containers WHERE state < 3 AND state = ? ${order}`, code, before, limit);
}

function summaryOf({ tables, shapes }: Context, row: Row): ContainerSummary {
  const { id, facts, submittedAtMs } = containerOf(row, shapes);
  // Only these two are taken out, by SQLite: the environment beside them may be large.
  const spec = tables.one(
    `SELECT json -> '$.name' AS name, json -> '$.command' AS command FROM specs WHERE container = ?`,
    id,
  );
  if (spec === undefined) throw damaged(`the spec of ${facts.uuid} is missing`);
  const name = optionalTextIn(spec, 'name');
  const described = {
    ...(name === undefined ? {} : { name: readText(name) }),
    command: readTexts(textIn(spec, 'command')),
  };
  return toSummary(facts, { spec: described, submittedAtMs }, readAttempt(tables, id, facts.generation));
}

function eventOf(row: Row): ContainerEvent {
  const detail = optionalTextIn(row, 'detail');
  return {
    sequence: numberIn(row, 'sequence'),
    atMs: numberIn(row, 'at'),
    uuid: textIn(row, 'uuid'),
    kind: nameOf(eventKinds, numberIn(row, 'kind')),
    generation: numberIn(row, 'generation'),
    state: nameOf(states, numberIn(row, 'state')),
    ...(detail === undefined ? {} : { detail }),
  };
}
