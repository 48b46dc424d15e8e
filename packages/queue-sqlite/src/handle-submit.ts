import { DroverError, type ContainerUuid } from '@drover/spec';
import { states } from './codes.ts';
import { insertEvent, recount } from './container-table.ts';
import type { Context } from './context.ts';
import type { NewContainer, Reply, RequestOf } from './protocol.ts';
import { numberIn, textIn } from './row.ts';
import type { Tables } from './tables.ts';

/** Inserts all of them, or returns those of an earlier call with the same key. */
export function handleSubmit(context: Context, { containers, key }: RequestOf<'submit'>): Reply {
  const { tables } = context;
  if (key !== undefined) {
    const known = tables.one('SELECT hash, first, count FROM idempotency WHERE key = ?', key.key);
    if (known !== undefined) {
      if (textIn(known, 'hash') === key.hash)
        return { kind: 'uuids', uuids: uuidsFrom(tables, numberIn(known, 'first'), numberIn(known, 'count')) };
      throw new DroverError('API_CONFLICT', 'the idempotency key was used before with other contents', {
        fix: 'use a new key for other contents',
      });
    }
  }
  for (const { uuid } of containers)
    if (tables.one('SELECT 1 FROM containers WHERE uuid = ?', uuid) !== undefined) return { kind: 'uuid-taken' };
  const ids = containers.map((container) => insert(context, container));
  if (containers.length > 0) recount(tables, undefined, 'Queued', containers.length);
  if (key !== undefined)
    tables.write(
      'INSERT INTO idempotency (key, hash, first, count) VALUES (?, ?, ?, ?)',
      key.key,
      key.hash,
      ids[0] ?? 0,
      ids.length,
    );
  return { kind: 'uuids', uuids: containers.map(({ uuid }) => uuid) };
}

function insert({ tables, shapes, atMs }: Context, { uuid, json, shape }: NewContainer): number {
  const shapeId = shapes.idOf(shape);
  const { id } = tables.write(
    `INSERT INTO containers (uuid, state, priority, generation, revision, shape, submitted_at)
     VALUES (?, ?, ?, 0, (SELECT coalesce(max(sequence), 0) + 1 FROM events), ?, ?)`,
    uuid,
    states.indexOf('Queued'),
    shapes.get(shapeId).scheduling.priority,
    shapeId,
    atMs,
  );
  tables.write('INSERT INTO specs (container, json) VALUES (?, ?)', id, json);
  insertEvent(tables, id, atMs, { generation: 0, state: 'Queued' }, { kind: 'submitted', detail: undefined });
  return id;
}

/** One submission's containers have ids without gaps, because it was one transaction. */
function uuidsFrom(tables: Tables, first: number, count: number): ContainerUuid[] {
  return tables
    .all('SELECT uuid FROM containers WHERE id >= ? AND id < ? ORDER BY id', first, first + count)
    .map((row) => textIn(row, 'uuid'));
}
