import { CommandTimeoutError } from '@drover/spec';
import { expect, test } from 'vitest';
import { type ExecutorHarness, loseAndNotice, rejectionOf, withTrusted } from './executor-harness.ts';

/** Commands: results, signals, stdin, limits of time and output. */
export function executorRunTests(makeHarness: () => Promise<ExecutorHarness>): void {
  test('a command gives stdout, stderr and exit code; a code other than 0 is data', () =>
    withTrusted(makeHarness, async ({ executor, commands, signal }) => {
      const clean = { exitCode: 0, signal: undefined, stdout: '', stderr: '', truncated: false };
      expect(await executor.run({ command: commands.print('out') }, { signal })).toEqual({ ...clean, stdout: 'out' });
      expect(await executor.run({ command: commands.printError('e') }, { signal })).toEqual({ ...clean, stderr: 'e' });
      expect(await executor.run({ command: commands.exit(3) }, { signal })).toEqual({ ...clean, exitCode: 3 });
      expect(await executor.run({ command: commands.exit(137) }, { signal })).toEqual({ ...clean, exitCode: 137 });
    }));

  test('a command that a signal ended has the name of the signal and no exit code', () =>
    withTrusted(makeHarness, async ({ executor, commands, signal }) => {
      const result = await executor.run({ command: commands.killSelf }, { signal });
      expect(result).toMatchObject({ exitCode: undefined, signal: 'SIGKILL' });
    }));

  test('stdin is sent and ended, as text and as bytes; without stdin the command sees its end', () =>
    withTrusted(makeHarness, async ({ executor, commands, signal }) => {
      const copy = { command: commands.copy };
      expect((await executor.run({ ...copy, stdin: 'grüße\n' }, { signal })).stdout).toBe('grüße\n');
      expect((await executor.run({ ...copy, stdin: new Uint8Array([104, 105]) }, { signal })).stdout).toBe('hi');
      expect((await executor.run(copy, { signal })).stdout).toBe('');
    }));

  test('output beyond the limit is not kept, but read to its end', () =>
    withTrusted(makeHarness, async ({ executor, commands, signal }) => {
      const flood = { command: commands.flood(3_000_000), maxOutputBytes: 1000 };
      const result = await executor.run(flood, { signal });
      expect(result).toMatchObject({ exitCode: 0, truncated: true });
      expect(result.stdout).toBe('x'.repeat(1000));
      const exact = await executor.run({ command: commands.flood(1000), maxOutputBytes: 1000 }, { signal });
      expect(exact).toMatchObject({ truncated: false, stdout: 'x'.repeat(1000) });
    }));

  test('a command that does not end in time rejects; the connection goes on', () =>
    withTrusted(makeHarness, async ({ harness, executor, commands, signal }) => {
      const hanging = executor.run({ command: commands.hang, timeoutMs: 300 }, { signal });
      const outcome = rejectionOf(hanging);
      await harness.elapse(300);
      expect(await outcome).toBeInstanceOf(CommandTimeoutError);
      expect((await executor.run({ command: commands.print('on') }, { signal })).stdout).toBe('on');
      expect(await harness.connections()).toBe(1);
    }));

  test('an aborted command rejects with the reason', () =>
    withTrusted(makeHarness, async ({ executor, commands }) => {
      const abort = new AbortController();
      const outcome = rejectionOf(executor.run({ command: commands.hang }, { signal: abort.signal }));
      abort.abort(new Error('enough'));
      expect(await outcome).toMatchObject({ message: 'enough' });
    }));

  test('many commands at once all get their own results, over one connection', () =>
    withTrusted(makeHarness, async ({ harness, executor, commands, signal }) => {
      const runs = Array.from({ length: 30 }, (_, i) => executor.run({ command: commands.print(`n${i}`) }, { signal }));
      const results = await Promise.all(runs);
      expect(results.map((r) => r.stdout)).toEqual(Array.from({ length: 30 }, (_, i) => `n${i}`));
      expect(await harness.connections()).toBe(1);
    }));

  test('a lost connection rejects what runs on it as unknown; the next command connects again', () =>
    withTrusted(makeHarness, async (scene) => {
      const { harness, executor, commands, signal } = scene;
      await loseAndNotice(scene);
      const again = executor.run({ command: commands.print('again') }, { signal });
      await harness.elapse(2_000);
      expect((await again).stdout).toBe('again');
    }));
}
