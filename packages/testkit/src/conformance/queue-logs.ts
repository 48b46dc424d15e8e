import type { ContainerUuid, LogStream } from '@drover/spec';
import { expect, test } from 'vitest';
import {
  call,
  chunk,
  containerSpec,
  place,
  type QueueHarnessMaker,
  type QueuePorts,
  runResult,
  startNext,
  submitOne,
  withQueue,
} from './queue-harness.ts';

async function readAll(
  ports: QueuePorts,
  uuid: ContainerUuid,
  more: { readonly stream?: LogStream; readonly generation?: number } = {},
): Promise<string> {
  const { stream = 'stdout', ...generation } = more;
  const bytes = await ports.store.readLog(uuid, stream, { offset: 0, maxBytes: 1e9, ...generation }, call);
  return Buffer.from(bytes).toString('latin1');
}

/** Logs: appended by offset, gapless, of any size, by attempt. */
export function logCases(make: QueueHarnessMaker): void {
  test('chunks follow each other, overlap is skipped, a gap is refused and changes nothing', () =>
    withQueue(make, async (ports) => {
      const uuid = await submitOne(ports);
      const g = await startNext(ports, uuid);
      await ports.queue.appendLog(uuid, g, chunk('hello '), call);
      await ports.queue.appendLog(uuid, g, chunk('hello '), call);
      await ports.queue.appendLog(uuid, g, chunk('o world', 4), call);
      await expect(ports.queue.appendLog(uuid, g, chunk('!', 99), call)).rejects.toMatchObject({
        code: 'QUEUE_LOCK_CONFLICT',
      });
      await ports.queue.appendLog(uuid, g, chunk('warning', 0, 'stderr'), call);
      expect(await readAll(ports, uuid)).toBe('hello world');
      expect(await readAll(ports, uuid, { stream: 'stderr' })).toBe('warning');
    }));

  test('a log stays whole, in whatever steps it grows', () =>
    withQueue(make, async (ports) => {
      for (const step of [1, 1000, 4095, 4096, 4097, 10_000]) {
        const uuid = await submitOne(ports);
        const g = await startNext(ports, uuid);
        const total = Math.min(step * 5, 30_000);
        const whole = Buffer.from(Array.from({ length: total }, (_, i) => (i * 7) % 256));
        for (let offset = 0; offset < total; offset += step)
          await ports.queue.appendLog(
            uuid,
            g,
            { stream: 'stdout', offset, bytes: whole.subarray(offset, offset + step) },
            call,
          );
        expect(await readAll(ports, uuid)).toBe(whole.toString('latin1'));
        const middle = await ports.store.readLog(uuid, 'stdout', { offset: 3, maxBytes: 7 }, call);
        expect(Buffer.from(middle)).toEqual(whole.subarray(3, Math.min(10, total)));
        const atEnd = await ports.store.readLog(uuid, 'stdout', { offset: total, maxBytes: 7 }, call);
        expect(atEnd).toHaveLength(0);
      }
    }));

  test('the last bytes come with the result, in one step, many or few', () =>
    withQueue(make, async (ports) => {
      for (const size of [10, 4096, 4097, 100_000]) {
        const uuid = await submitOne(ports);
        const g = await startNext(ports, uuid);
        const text = 'x'.repeat(size);
        await ports.queue.appendLog(uuid, g, chunk(text.slice(0, 5)), call);
        const logs = [chunk(text.slice(0, 8)), chunk(text.slice(8), 8), chunk('err', 0, 'stderr')];
        await ports.queue.finished(uuid, g, runResult(), logs, call);
        expect(await readAll(ports, uuid)).toBe(text);
        expect(await readAll(ports, uuid, { stream: 'stderr' })).toBe('err');
        await ports.queue.finished(uuid, g, runResult(), logs, call);
        expect(await readAll(ports, uuid)).toBe(text);
      }
    }));

  test('a gap in the last bytes refuses the whole result', () =>
    withQueue(make, async (ports) => {
      const uuid = await submitOne(ports);
      const g = await startNext(ports, uuid);
      const logs = [chunk('ok'), chunk('late', 10, 'stderr')];
      await expect(ports.queue.finished(uuid, g, runResult(), logs, call)).rejects.toMatchObject({
        code: 'QUEUE_LOCK_CONFLICT',
      });
      expect(await place(ports, uuid)).toBe('Running 1');
      expect(await readAll(ports, uuid)).toBe('');
      expect((await ports.store.get(uuid, call)).attempts[0]?.result).toBeUndefined();
    }));

  test('each attempt has its log; an attempt that is over takes repeats, nothing new', () =>
    withQueue(make, async (ports) => {
      const uuid = await submitOne(ports, containerSpec({ retry: { attempts: 2, on: ['exit-code'] } }));
      await ports.queue.finished(
        uuid,
        await startNext(ports, uuid),
        runResult({ exitCode: 1 }),
        [chunk('first')],
        call,
      );
      expect(await readAll(ports, uuid)).toBe('first');
      await startNext(ports, uuid);
      expect(await readAll(ports, uuid)).toBe('');
      await ports.queue.appendLog(uuid, 2, chunk('second'), call);
      await ports.queue.appendLog(uuid, 1, chunk('first'), call);
      await expect(ports.queue.appendLog(uuid, 1, chunk('first!'), call)).rejects.toMatchObject({
        code: 'QUEUE_LOCK_CONFLICT',
      });
      expect(await readAll(ports, uuid)).toBe('second');
      expect(await readAll(ports, uuid, { generation: 1 })).toBe('first');
    }));

  test('bytes are taken at the call: reusing the buffer afterwards changes nothing', () =>
    withQueue(make, async (ports) => {
      const uuid = await submitOne(ports);
      const g = await startNext(ports, uuid);
      const bytes = Buffer.from('keep me');
      const appending = ports.queue.appendLog(uuid, g, { stream: 'stdout', offset: 0, bytes }, call);
      bytes.fill(0);
      await appending;
      expect(await readAll(ports, uuid)).toBe('keep me');
    }));
}
