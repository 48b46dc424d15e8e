import { HostKeyError, NoAddressError } from '@drover/spec';
import { expect, test } from 'vitest';
import { type ExecutorHarness, loseAndNotice, rejectionOf, withExecutor, withTrusted } from './executor-harness.ts';

/** Who the host is: tentative acceptance, proof, pins, changed keys. */
export function executorTrustTests(makeHarness: () => Promise<ExecutorHarness>): void {
  test('connect resolves with the key the host presented', () =>
    withExecutor(makeHarness, async ({ harness, executor, signal }) => {
      expect(await executor.connect({ signal })).toBe(harness.hostKey());
    }));

  test('on an unproven host only commands that allow it run, and nothing can be opened', () =>
    withExecutor(makeHarness, async ({ harness, executor, commands, signal }) => {
      const print = { command: commands.print('secret') };
      await expect(executor.run(print, { signal })).rejects.toBeInstanceOf(HostKeyError);
      await expect(executor.open(harness.echo, { signal })).rejects.toBeInstanceOf(HostKeyError);
      expect((await executor.run({ ...print, allowUnverified: true }, { signal })).stdout).toBe('secret');
    }));

  test('an unproven host is heard for 64 bytes at most', () =>
    withExecutor(makeHarness, async ({ executor, commands, signal }) => {
      const flood = { command: commands.flood(1000), allowUnverified: true, maxOutputBytes: 500 };
      expect(await executor.run(flood, { signal })).toMatchObject({ stdout: 'x'.repeat(64), truncated: true });
    }));

  test('a proven key lets commands run, at full length, without another connection', () =>
    withExecutor(makeHarness, async ({ harness, executor, commands, signal }) => {
      executor.trust(await executor.connect({ signal }));
      const result = await executor.run({ command: commands.flood(1000) }, { signal });
      expect(result.stdout).toHaveLength(1000);
      expect(await harness.connections()).toBe(1);
    }));

  test('a pinned key needs no proof', () =>
    withExecutor(makeHarness, async ({ harness, executor, commands, signal }) => {
      executor.setTarget({ ...harness.target(), pinnedKeys: [harness.hostKey()] });
      expect((await executor.run({ command: commands.print('ok') }, { signal })).stdout).toBe('ok');
    }));

  test('another key than the pinned one is refused, also for commands that allow unproven hosts', () =>
    withExecutor(makeHarness, async ({ harness, executor, commands, signal }) => {
      executor.setTarget({ ...harness.target(), pinnedKeys: [anotherKey] });
      const print = { command: commands.print('x'), allowUnverified: true };
      await expect(executor.run(print, { signal })).rejects.toBeInstanceOf(HostKeyError);
    }));

  test('a key that changes after it was proven is refused at the next connection', async (context) => {
    await withTrusted(makeHarness, async (scene) => {
      const { harness, executor, commands, signal } = scene;
      if (harness.changeHostKey === undefined) context.skip('the harness cannot change the host key');
      await harness.changeHostKey?.();
      await loseAndNotice(scene);
      const print = { command: commands.print('x'), allowUnverified: true };
      const outcome = rejectionOf(executor.run(print, { signal }));
      await harness.elapse(2_000);
      expect(await outcome).toBeInstanceOf(HostKeyError);
    });
  });

  test('trusting another key than the host showed drops the connection', () =>
    withExecutor(makeHarness, async ({ harness, executor, commands, signal }) => {
      await executor.connect({ signal });
      executor.trust(anotherKey);
      const outcome = rejectionOf(executor.run({ command: commands.print('x') }, { signal }));
      await harness.elapse(2_000);
      expect(await outcome).toBeInstanceOf(HostKeyError);
    }));

  test('pinning the key that was trusted keeps the connection', () =>
    withTrusted(makeHarness, async ({ harness, executor, commands, signal }) => {
      const outcome = executor.run({ command: commands.copy, stdin: 'kept' }, { signal });
      executor.setTarget({ ...harness.target(), pinnedKeys: [harness.hostKey()] });
      expect((await outcome).stdout).toBe('kept');
    }));

  test('without an address nothing is connected', () =>
    withExecutor(makeHarness, async ({ harness, executor, signal }) => {
      executor.setTarget({ ...harness.target(), address: '' });
      await expect(executor.connect({ signal })).rejects.toBeInstanceOf(NoAddressError);
    }));
}

/** A public key that no test host has. */
const anotherKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGGe3bqH1LN3GpPLwNG6tU4Cg2iL1qnyl7b4b8bSxYBZ';
