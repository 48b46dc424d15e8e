import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SeededRandom } from '@drover/testkit';
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

test('the worker runs from the sources as they lie, too', async () => {
  const queue = await openSqliteQueue(queueIn(folder.path, { inline: false }));
  const [uuid = ''] = await queue.store.submit([containerSpec({ name: 'n' })], options);
  expect(await queue.store.get(uuid, options)).toMatchObject({ state: 'Queued', spec: { name: 'n' } });
  await queue.close();
  await expect(queue.store.get(uuid, options)).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
});

test.each([
  ['a file without a folder for logs', {}],
  ['memory in a worker', { path: ':memory:', inline: false }],
])('%s is refused', async (_name, more) => {
  const { logsDirectory: _none, ...rest } = queueIn(folder.path);
  await expect(openSqliteQueue({ ...rest, ...more })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

test.each([true, false])('what there is none of is said with what to do (inline: %s)', async (inline) => {
  const queue = await openSqliteQueue(queueIn(folder.path, { inline }));
  await expect(queue.store.get('drovr-dz642-000000000000000', options)).rejects.toMatchObject({
    code: 'QUEUE_CONTAINER_NOT_FOUND',
    fix: 'see which there are with: drover containers list',
  });
  await queue.close();
});

test('a UUID that exists is drawn again', async () => {
  const random = new SeededRandom(1);
  let calls = 0;
  // Two openings draw the same at first, as two machines with bad luck would.
  const unlucky = {
    next: () => random.next(),
    hex: (bytes: number) => ((calls += 1) < 3 ? '00'.repeat(bytes) : random.hex(bytes)),
  };
  const queue = await openSqliteQueue(queueIn(folder.path, { random: unlucky }));
  const [first] = await queue.store.submit([containerSpec()], options);
  const [second] = await queue.store.submit([containerSpec()], options);
  expect(first).toBe('drovr-dz642-aaaaaaaaaaaaaaa');
  expect(second).not.toBe(first);
  expect((await queue.store.counts(options)).Queued).toBe(2);
  await queue.close();
});

test('the cluster id of the options begins every UUID', async () => {
  const queue = await openSqliteQueue(queueIn(folder.path, { clusterId: 'abcde' }));
  expect(await queue.store.submit([containerSpec()], options)).toEqual([expect.stringMatching(/^abcde-dz642-/)]);
  await queue.close();
});

test('who loses the lock file and the lead hears of it at the next change, and changes nothing', async () => {
  const [first, second] = await Promise.all([
    openSqliteQueue(queueIn(folder.path)),
    openSqliteQueue(queueIn(folder.path)),
  ]);
  const [uuid = ''] = await first.store.submit([containerSpec()], options);
  const leadership = await first.state.lead(options);
  const heard: Error[] = [];
  leadership.onLost((why) => heard.push(why));
  rmSync(join(folder.path, 'queue.db.lock'));
  await second.state.lead(options);
  await expect(first.queue.lock(uuid, 0, options)).rejects.toMatchObject({ code: 'QUEUE_IN_USE' });
  expect(heard).toMatchObject([{ code: 'QUEUE_IN_USE' }]);
  expect(await first.store.get(uuid, options)).toMatchObject({ state: 'Queued' });
  expect((await second.queue.lock(uuid, 0, options)).entry.state).toBe('Locked');
  await first.close();
  await second.close();
});

test('a call while another process writes for too long is unavailable, and succeeds afterwards', async () => {
  const queue = await openSqliteQueue(queueIn(folder.path));
  const other = new DatabaseSync(join(folder.path, 'queue.db'));
  other.exec('BEGIN IMMEDIATE');
  await expect(queue.store.submit([containerSpec()], options)).rejects.toMatchObject({
    code: 'QUEUE_UNAVAILABLE',
    retryable: true,
  });
  other.exec('ROLLBACK');
  other.close();
  expect(await queue.store.submit([containerSpec()], options)).toHaveLength(1);
  await queue.close();
});

test('what could not be read again is refused before it is stored', async () => {
  const queue = await openSqliteQueue(queueIn(folder.path));
  const good = containerSpec();
  const bad = containerSpec({ resources: { ...good.resources, ramBytes: Number.NaN } });
  await expect(queue.store.submit([good, bad], options)).rejects.toMatchObject({ code: 'CONTAINER_INVALID' });
  expect((await queue.store.counts(options)).Queued).toBe(0);
  await queue.close();
});

test('calls of one moment are one transaction, and each has its own outcome', async () => {
  const queue = await openSqliteQueue(queueIn(folder.path));
  await queue.state.lead(options);
  const uuids = await queue.store.submit([containerSpec(), containerSpec()], options);
  let changes = 0;
  queue.onChange(() => {
    changes += 1;
  });
  const outcomes = await Promise.allSettled([
    queue.queue.lock(uuids[0] ?? '', 0, options),
    queue.queue.lock(uuids[1] ?? '', 7, options),
    queue.queue.unlock(uuids[0] ?? '', 1, 'r', options),
  ]);
  expect(outcomes.map((o) => o.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(changes).toBe(1);
  await queue.close();
});
