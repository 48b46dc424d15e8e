import { attemptNeeded, decide, isHeld } from '@drover/queue-rules';
import { LockConflictError } from '@drover/spec';
import { damaged } from './codes.ts';
import {
  insertEvent,
  readAttempt,
  readContainer,
  type StoredContainer,
  updateContainer,
  wireEntry,
  writeAttempt,
} from './container-table.ts';
import type { Context } from './context.ts';
import type { Reply, RequestOf } from './protocol.ts';
import { textIn } from './row.ts';

/** Decides by the rules and writes container, attempt, logs and event together. */
export function handleMove(context: Context, request: RequestOf<'move'>): Reply {
  const before = readContainer(context.tables, context.shapes, request.uuid);
  const after = move(context, request, before);
  return request.command.kind === 'lock' ? lockedReply(context, after) : entryReply(context, after);
}

/** The container and its spec. */
export function handleFetch(context: Context, { uuid }: RequestOf<'fetch'>): Reply {
  return lockedReply(context, readContainer(context.tables, context.shapes, uuid));
}

/** Bytes of an attempt that still goes on; a repeat of stored bytes is harmless at any time. */
export function handleAppendLog(context: Context, { uuid, generation, chunk }: RequestOf<'append-log'>): Reply {
  const { id, facts } = readContainer(context.tables, context.shapes, uuid);
  const place = { container: id, uuid, generation, stream: chunk.stream };
  const isRunning = isHeld(facts.state) && facts.generation === generation;
  const isRepeat = chunk.offset + chunk.bytes.length <= context.logs.sizeBytes(place);
  if (!isRunning && !isRepeat)
    throw new LockConflictError(`log of ${uuid} generation ${generation} is refused: that attempt is over`);
  context.logs.append(place, chunk);
  return { kind: 'done' };
}

function move(context: Context, request: RequestOf<'move'>, before: StoredContainer): StoredContainer {
  const { tables, logs, atMs, limits } = context;
  const { command, uuid } = request;
  const generation = attemptNeeded(command);
  const attempt = generation === undefined ? undefined : readAttempt(tables, before.id, generation);
  const verdict = decide(command, { facts: before.facts, attempt, atMs, limits });
  if (verdict.kind === 'refused') throw verdict.error;
  if (verdict.kind === 'repeat') return before;
  const { facts } = verdict;
  const revision = insertEvent(tables, before.id, atMs, facts, verdict.event);
  // No row changed: not what was read any more. The engine rolls back and has the request done again from a new read.
  if (!updateContainer(tables, before, facts, revision))
    throw new LockConflictError(`${command.kind} of ${uuid}: it was changed by somebody else at the same moment`);
  if (verdict.attempt !== undefined) writeAttempt(tables, before.id, verdict.attempt);
  for (const chunk of request.logs)
    logs.append({ container: before.id, uuid, generation: before.facts.generation, stream: chunk.stream }, chunk);
  return { ...before, facts, revision };
}

function entryReply({ shapes }: Context, container: StoredContainer): Reply {
  return {
    kind: 'entries',
    entries: [wireEntry(container)],
    shapes: shapes.wire([container.shapeId]),
    cursor: container.revision,
    complete: false,
  };
}

function lockedReply({ shapes, tables }: Context, container: StoredContainer): Reply {
  const row = tables.one('SELECT json FROM specs WHERE container = ?', container.id);
  if (row === undefined) throw damaged(`the spec of ${container.facts.uuid} is missing`);
  return {
    kind: 'locked',
    entry: wireEntry(container),
    shapes: shapes.wire([container.shapeId]),
    spec: textIn(row, 'json'),
  };
}
