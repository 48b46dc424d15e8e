import type { Context } from './context.ts';
import { readBehaviorDecision, readHostKeys, readIntent } from './decode.ts';
import type { Reply, RequestOf } from './protocol.ts';
import { textIn } from './row.ts';

export function handlePins({ tables }: Context): Reply {
  const rows = tables.all('SELECT instance_id, keys FROM pins ORDER BY instance_id');
  return { kind: 'pins', pins: rows.map((row) => [textIn(row, 'instance_id'), readHostKeys(textIn(row, 'keys'))]) };
}

export function handleSetPin({ tables }: Context, { id, keys }: RequestOf<'set-pin'>): Reply {
  tables.write('INSERT OR REPLACE INTO pins (instance_id, keys) VALUES (?, ?)', id, JSON.stringify(keys));
  return { kind: 'done' };
}

export function handleRemovePin({ tables }: Context, { id }: RequestOf<'remove-pin'>): Reply {
  tables.write('DELETE FROM pins WHERE instance_id = ?', id);
  tables.write('DELETE FROM behaviors WHERE instance_id = ?', id);
  return { kind: 'done' };
}

export function handleBehaviors({ tables }: Context): Reply {
  const rows = tables.all('SELECT instance_id, json FROM behaviors ORDER BY instance_id');
  const behaviors = rows.map((row) => [textIn(row, 'instance_id'), readBehaviorDecision(textIn(row, 'json'))] as const);
  return { kind: 'behaviors', behaviors };
}

export function handleSetBehavior({ tables }: Context, { id, decision }: RequestOf<'set-behavior'>): Reply {
  tables.write('INSERT OR REPLACE INTO behaviors (instance_id, json) VALUES (?, ?)', id, JSON.stringify(decision));
  return { kind: 'done' };
}

export function handleIntents({ tables }: Context): Reply {
  const rows = tables.all('SELECT json FROM intents ORDER BY create_id');
  return { kind: 'intents', intents: rows.map((row) => readIntent(textIn(row, 'json'))) };
}

export function handleRecordIntent({ tables }: Context, { intent }: RequestOf<'record-intent'>): Reply {
  tables.write(
    'INSERT OR REPLACE INTO intents (create_id, json) VALUES (?, ?)',
    intent.createId,
    JSON.stringify(intent),
  );
  return { kind: 'done' };
}

export function handleRemoveIntent({ tables }: Context, { createId }: RequestOf<'remove-intent'>): Reply {
  tables.write('DELETE FROM intents WHERE create_id = ?', createId);
  return { kind: 'done' };
}
