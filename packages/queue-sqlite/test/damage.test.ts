import {
  existsSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  openSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { containerSpec } from '@drover/testkit/conformance';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteQueue } from '../src/index.ts';
import { queueIn, temporaryFolder } from './temporary-queue.ts';

const options = { signal: new AbortController().signal };
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

async function fill(count: number): Promise<string> {
  const { store, close } = await openSqliteQueue(queueIn(folder.path));
  await store.submit(
    Array.from({ length: count }, (_, i) => containerSpec({ name: `n${i}` })),
    options,
  );
  await close();
  return join(folder.path, 'queue.db');
}

test.each([true, false])('a file that is no database is refused and left as it was (inline: %s)', async (inline) => {
  const path = join(folder.path, 'queue.db');
  const contents = 'this is my diary\n'.repeat(500);
  writeFileSync(path, contents);
  await expect(openSqliteQueue(queueIn(folder.path, { inline }))).rejects.toMatchObject({ code: 'QUEUE_CORRUPT' });
  expect(readFileSync(path, 'utf8')).toBe(contents);
});

test('a database with overwritten pages is refused', async () => {
  const path = await fill(500);
  const file = openSync(path, 'r+');
  for (let page = 2; page < 30; page += 1) writeSync(file, Buffer.alloc(4096, 0xab), 0, 4096, page * 4096);
  closeSync(file);
  await expect(openSqliteQueue(queueIn(folder.path))).rejects.toMatchObject({ code: 'QUEUE_CORRUPT' });
});

test('a database that was cut short is refused', async () => {
  const path = await fill(500);
  truncateSync(path, Math.floor(statSync(path).size / 2 / 4096) * 4096);
  await expect(openSqliteQueue(queueIn(folder.path))).rejects.toMatchObject({ code: 'QUEUE_CORRUPT' });
});

test.each([true, false])('a newer schema is refused (inline: %s)', async (inline) => {
  const path = await fill(1);
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 999');
  database.close();
  await expect(openSqliteQueue(queueIn(folder.path, { inline }))).rejects.toMatchObject({
    code: 'QUEUE_SCHEMA_NEWER',
    message: expect.stringContaining('999'),
  });
});

test('a value that drover never wrote is reported, not passed on', async () => {
  const path = await fill(3);
  const database = new DatabaseSync(path);
  database.exec(
    `UPDATE specs SET json = '{"command": 5}' WHERE container = 2; UPDATE containers SET state = 9 WHERE id = 3`,
  );
  database.close();
  const { store, close } = await openSqliteQueue(queueIn(folder.path));
  const uuids = new DatabaseSync(path).prepare('SELECT uuid FROM containers ORDER BY id').all();
  const get = (i: number): Promise<unknown> => store.get(String(uuids[i]?.['uuid']), options);
  await expect(get(0)).resolves.toMatchObject({ spec: { name: 'n0' } });
  await expect(get(1)).rejects.toMatchObject({ code: 'QUEUE_CORRUPT' });
  await expect(get(2)).rejects.toMatchObject({ code: 'QUEUE_CORRUPT' });
  await close();
});

test('log bytes beyond the recorded size do not count; a log file that lost bytes is reported', async () => {
  const { queue, store, state, close } = await openSqliteQueue(queueIn(folder.path));
  await state.lead(options);
  const [uuid = ''] = await store.submit([containerSpec()], options);
  await queue.lock(uuid, 0, options);
  await queue.appendLog(uuid, 1, { stream: 'stdout', offset: 0, bytes: Buffer.alloc(5000, 'a') }, options);
  const file = join(folder.path, 'logs', uuid.slice(-2), `${uuid}.1.stdout`);
  expect(existsSync(file)).toBe(true);
  // As if the process had died between writing the file and committing its size.
  writeFileSync(file, 'torn', { flag: 'a' });
  const read = async (): Promise<string> =>
    Buffer.from(await store.readLog(uuid, 'stdout', { offset: 4998, maxBytes: 99 }, options)).toString();
  expect(await read()).toBe('aa');
  await queue.appendLog(uuid, 1, { stream: 'stdout', offset: 5000, bytes: Buffer.from('bb') }, options);
  expect(await read()).toBe('aabb');
  truncateSync(file, 4999);
  await expect(read()).rejects.toMatchObject({ code: 'QUEUE_CORRUPT' });
  await close();
});

test('database and logs are for their owner alone', async () => {
  const { queue, store, state, close } = await openSqliteQueue(queueIn(folder.path));
  await state.lead(options);
  const [uuid = ''] = await store.submit([containerSpec()], options);
  await queue.lock(uuid, 0, options);
  await queue.appendLog(uuid, 1, { stream: 'stdout', offset: 0, bytes: Buffer.alloc(5000, 'a') }, options);
  const log = join('logs', uuid.slice(-2), `${uuid}.1.stdout`);
  for (const name of ['queue.db', 'queue.db-wal', log]) expect(statSync(join(folder.path, name)).mode & 0o077).toBe(0);
  await close();
});
