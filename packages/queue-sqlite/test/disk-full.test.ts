import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { defaultQueueLimits } from '@drover/queue-rules';
import { containerSpec } from '@drover/testkit/conformance';
import { afterAll, expect, test } from 'vitest';
import { Engine } from '../src/engine.ts';
import { openSqliteQueue } from '../src/index.ts';
import type { Envelope, Reply } from '../src/protocol.ts';
import { queueIn, temporaryFolder } from './temporary-queue.ts';

const options = { signal: new AbortController().signal };
const cleanUps: (() => void)[] = [];
afterAll(() => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) cleanUp();
});

function folder(): string {
  const { path, remove } = temporaryFolder();
  cleanUps.push(remove);
  return path;
}

let drawn = 0;
/** A submission of one container whose spec takes about this much room. */
function submission(bytes: number): Envelope {
  drawn += 1;
  const spec = containerSpec({ env: { DATA: 'x'.repeat(bytes) } });
  const { env: _env, command: _command, ...shape } = spec;
  const container = { uuid: `drovr-dz642-${drawn}`, json: JSON.stringify(spec), shape: JSON.stringify(shape) };
  return { id: drawn, atMs: 1, request: { kind: 'submit', containers: [container], key: undefined } };
}

function run(engine: Engine, ...batch: Envelope[]): Reply[] {
  return engine.run(batch).replies.map(({ reply }) => reply);
}

test('a full database refuses what does not fit, keeps all it acknowledged, and goes on when there is room', () => {
  const path = join(folder(), 'queue.db');
  const limited = { path, logsDirectory: undefined, limits: defaultQueueLimits, maxPages: 60 };
  const small = new Engine(limited);
  let acknowledged = 0;
  let refused: Reply | undefined;
  while (refused === undefined && acknowledged < 1000) {
    const [reply] = run(small, submission(5000));
    if (reply?.kind === 'uuids') acknowledged += 1;
    else refused = reply;
  }
  expect(refused).toMatchObject({ kind: 'error', error: { code: 'QUEUE_DISK_FULL', retryable: true } });
  expect(acknowledged).toBeGreaterThan(10);
  small.close();
  const roomy = new Engine({ ...limited, maxPages: 1000 });
  expect(run(roomy, { id: 1, atMs: 1, request: { kind: 'counts' } })).toMatchObject([
    { counts: { Queued: acknowledged } },
  ]);
  expect(run(roomy, submission(5000))).toMatchObject([{ kind: 'uuids' }]);
  roomy.close();
});

test('in a group, what does not fit fails alone', () => {
  const engine = new Engine({
    path: join(folder(), 'queue.db'),
    logsDirectory: undefined,
    limits: defaultQueueLimits,
    maxPages: 60,
  });
  const replies = run(engine, submission(10), submission(2_000_000), submission(10));
  expect(replies.map((r) => (r.kind === 'error' ? r.error.code : r.kind))).toEqual([
    'uuids',
    'QUEUE_DISK_FULL',
    'uuids',
  ]);
  const counts = { id: 1, atMs: 1, request: { kind: 'counts' } } as const;
  expect(run(engine, counts)).toMatchObject([{ counts: { Queued: 2 } }]);
  engine.close();
});

/** A real file system of 1 MB; undefined where this user may not mount one. */
function smallDisk(): string | undefined {
  const path = join(folder(), 'disk');
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  cleanUps.push(() => execFileSync('umount', [path]));
  return path;
}

const disk = smallDisk();

test.skipIf(disk === undefined)('a really full disk loses nothing, in the database or in the logs', async () => {
  const path = disk ?? '';
  expect(existsSync(path)).toBe(true);
  const queue = await openSqliteQueue(queueIn(path));
  await queue.state.lead(options);
  const [uuid = ''] = await queue.store.submit([containerSpec()], options);
  await queue.queue.lock(uuid, 0, options);
  const written: Buffer[] = [];
  let refusal: unknown;
  for (let offset = 0; refusal === undefined && offset < 4_000_000; offset += 50_000) {
    const bytes = Buffer.alloc(50_000, offset / 50_000);
    try {
      await queue.queue.appendLog(uuid, 1, { stream: 'stdout', offset, bytes }, options);
      written.push(bytes);
    } catch (error) {
      refusal = error;
    }
  }
  expect(refusal).toMatchObject({ code: 'QUEUE_DISK_FULL' });
  await expect(
    queue.store.submit([containerSpec({ env: { DATA: 'x'.repeat(900_000) } })], options),
  ).rejects.toMatchObject({ code: 'QUEUE_DISK_FULL' });
  await queue.close();
  const again = await openSqliteQueue(queueIn(path));
  const log = await again.store.readLog(uuid, 'stdout', { offset: 0, maxBytes: 8_000_000 }, options);
  expect(Buffer.concat(written).equals(log)).toBe(true);
  expect(await again.store.counts(options)).toMatchObject({ Queued: 0, Locked: 1 });
  await again.close();
});
