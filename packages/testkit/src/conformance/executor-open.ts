import { ConnectError, type LineChannel } from '@drover/spec';
import { expect, test } from 'vitest';
import { type ExecutorHarness, rejectionOf, withTrusted } from './executor-harness.ts';

/** Line channels: order, bounds, ends. */
export function executorOpenTests(makeHarness: () => Promise<ExecutorHarness>): void {
  test('lines come back in order, whole, whatever their length and language', () =>
    withTrusted(makeHarness, async ({ harness, executor, signal }) => {
      const channel = await executor.open(harness.echo, { signal });
      const sent = ['one', '', 'grüße 🚚', 'x'.repeat(200_000), '{"last":true}'];
      const received = collect(channel, sent.length);
      for (const line of sent) channel.send(line);
      expect(await received).toEqual(sent);
      channel.close();
    }));

  test('a lone line goes out without another one behind it', () =>
    withTrusted(makeHarness, async ({ harness, executor, signal }) => {
      const channel = await executor.open(harness.echo, { signal });
      for (const line of ['a', 'b', 'c']) {
        const back = collect(channel, 1);
        channel.send(line);
        expect(await back).toEqual([line]);
      }
      channel.close();
    }));

  test('close calls onClose once, without error; after it send throws', () =>
    withTrusted(makeHarness, async ({ harness, executor, signal }) => {
      const channel = await executor.open(harness.echo, { signal });
      const closes: (Error | undefined)[] = [];
      channel.onClose((error) => closes.push(error));
      channel.close();
      channel.close();
      expect(() => channel.send('late')).toThrow(ConnectError);
      await executor.run({ command: 'exit 0' }, { signal });
      expect(closes).toEqual([undefined]);
    }));

  test('the peer ends it: lines first, then onClose once with an error', () =>
    withTrusted(makeHarness, async ({ executor, commands, signal }) => {
      const channel = await executor.open({ command: commands.twoLines }, { signal });
      const events: string[] = [];
      channel.onLine((line) => events.push(line));
      const error = await closed(channel);
      expect(events).toEqual(['one', 'two']);
      expect(error).toBeInstanceOf(ConnectError);
    }));

  test('onClose is called for a listener that comes after the end, and not for one that has left', () =>
    withTrusted(makeHarness, async ({ harness, executor, signal }) => {
      const channel = await executor.open(harness.echo, { signal });
      const calls: string[] = [];
      const leave = channel.onClose(() => calls.push('left'));
      leave();
      channel.close();
      expect(await closed(channel)).toBeUndefined();
      expect(calls).toEqual([]);
    }));

  test('a lost connection closes it with an error', () =>
    withTrusted(makeHarness, async ({ harness, executor, signal }) => {
      const channel = await executor.open(harness.echo, { signal });
      const end = closed(channel);
      await harness.loseConnections();
      expect(await end).toBeInstanceOf(ConnectError);
    }));

  test('a line that is too long closes it', () =>
    withTrusted(makeHarness, async ({ executor, commands, signal }) => {
      const channel = await executor.open({ command: commands.flood(5000), maxLineBytes: 1000 }, { signal });
      expect(await closed(channel)).toBeInstanceOf(ConnectError);
    }));

  test('a peer that does not read makes send say false; onDrain tells when it goes on', () =>
    withTrusted(makeHarness, async ({ harness, executor, signal }) => {
      const channel = await executor.open(harness.echo, { signal });
      const line = 'y'.repeat(64_000);
      const drained = new Promise<void>((resolve) => channel.onDrain(resolve));
      let sent = 1;
      // At most 15 MB: an executor that never says false fails here.
      while (channel.send(line) && sent < 240) sent += 1;
      expect(sent).toBeLessThan(240);
      expect(await collect(channel, sent)).toHaveLength(sent);
      await drained;
      channel.close();
    }));

  test('closing the executor closes channels and commands at once, and refuses new ones', () =>
    withTrusted(makeHarness, async ({ harness, executor, commands, signal }) => {
      const channel = await executor.open(harness.echo, { signal });
      const closes: (Error | undefined)[] = [];
      channel.onClose((error) => closes.push(error));
      const running = rejectionOf(executor.run({ command: commands.hang }, { signal }));
      await executor.close();
      expect(closes).toHaveLength(1);
      expect(await running).toBeInstanceOf(ConnectError);
      await expect(executor.run({ command: commands.print('x') }, { signal })).rejects.toBeInstanceOf(ConnectError);
      await expect(executor.connect({ signal })).rejects.toBeInstanceOf(ConnectError);
      await expect.poll(() => harness.connections()).toBe(0);
    }));
}

/** Resolves with the next `count` lines; rejects when the channel closes before. */
function collect(channel: LineChannel, count: number): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    const stopClose = channel.onClose((error) => reject(error ?? new Error('closed')));
    const stopLine = channel.onLine((line) => {
      lines.push(line);
      if (lines.length < count) return;
      stopLine();
      stopClose();
      resolve(lines);
    });
  });
}

/** Resolves with what onClose is told. */
function closed(channel: LineChannel): Promise<Error | undefined> {
  return new Promise((resolve) => {
    channel.onClose(resolve);
  });
}
