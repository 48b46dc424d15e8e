import { ConnectError, type Executor } from '@drover/spec';
import type { ServerChannel } from 'ssh2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sshDefaults, type SshLimits } from '../src/index.ts';
import { makeSsh2Harness, type Ssh2Harness } from './ssh2-harness.ts';

const { signal } = new AbortController();
let host: Ssh2Harness;
let executor: Executor;

async function start(limits: Partial<SshLimits> = {}): Promise<void> {
  host = await makeSsh2Harness(limits);
  executor = host.executor;
  executor.setTarget({ ...host.target(), pinnedKeys: [host.hostKey()] });
}

beforeEach(() => start());

afterEach(async () => {
  await executor.close();
  await host.dispose();
});

/** Commands wait until they are ended by the test. */
function holdCommands(): { readonly channels: ServerChannel[]; peak: number } {
  const held: { readonly channels: ServerChannel[]; peak: number } = { channels: [], peak: 0 };
  let open = 0;
  host.server.behaviour.onExec = (_command, channel) => {
    open += 1;
    held.peak = Math.max(held.peak, open);
    held.channels.push(channel);
    channel.resume();
    channel.on('close', () => {
      open -= 1;
    });
  };
  return held;
}

function endWith(channel: ServerChannel | undefined, code: number): void {
  channel?.exit(code);
  channel?.end();
  channel?.close();
}

test('at most 6 channels at once; the others run in order as channels end', async () => {
  const held = holdCommands();
  const done: number[] = [];
  const runs = Array.from({ length: 20 }, async (_, i) => {
    await executor.run({ command: String(i) }, { signal });
    done.push(i);
  });
  for (let i = 0; i < 20; i += 1) {
    await expect.poll(() => held.channels.length).toBeGreaterThan(i);
    endWith(held.channels[i], 0);
  }
  await Promise.all(runs);
  expect([held.peak, done]).toEqual([6, Array.from({ length: 20 }, (_, i) => i)]);
});

test('the line for a channel is bounded', async () => {
  holdCommands();
  await executor.connect({ signal });
  const all = Array.from({ length: 6 + 256 + 1 }, () => executor.run({ command: 'x' }, { signal }));
  const outcomes = Promise.allSettled(all);
  await expect(all.at(-1)).rejects.toThrow('256 commands wait');
  await executor.close();
  expect((await outcomes).every((each) => each.status === 'rejected')).toBe(true);
});

test('no exit status means unknown, never failure', async () => {
  host.server.behaviour.withholdExitStatus = true;
  await expect(executor.run({ command: 'exit 0' }, { signal })).rejects.toThrow('not known how the command ended');
});

test('both streams are drained, however little of them is kept', async () => {
  // Together below the channel's window: ssh2's server side mixes up two streams that both wait for a larger one.
  const flood = 'head -c 1000000 /dev/zero; head -c 900000 /dev/zero >&2';
  const result = await executor.run({ command: flood, maxOutputBytes: 10 }, { signal });
  expect(result).toMatchObject({ exitCode: 0, truncated: true });
});

test('a command that does not read its stdin ends all the same', async () => {
  const result = await executor.run({ command: 'exit 4', stdin: 'x'.repeat(5_000_000) }, { signal });
  expect(result.exitCode).toBe(4);
});

test('the exit status counts even when it comes in one packet with the start and the end', async () => {
  host.server.behaviour.onExec = (_command, channel) => {
    channel.write('all at once');
    endWith(channel, 5);
  };
  for (let i = 0; i < 20; i += 1) {
    const result = await executor.run({ command: 'x' }, { signal });
    expect(result).toMatchObject({ exitCode: 5, stdout: 'all at once' });
  }
});

test('a frozen peer is found by the keepalive, on real time, where nothing else would find it', async () => {
  await executor.close();
  await host.dispose();
  await start({ keepaliveIntervalMs: 40, keepaliveCountMax: 4 });
  const channel = await executor.open({ command: 'cat' }, { signal });
  const closed = new Promise((resolve) => {
    channel.onClose(resolve);
  });
  host.server.freeze();
  expect(await closed).toBeInstanceOf(ConnectError);
});

test('the defaults of the keepalive are 15 s × 4', () => {
  expect(sshDefaults).toMatchObject({ keepaliveIntervalMs: 15_000, keepaliveCountMax: 4, maxChannels: 6 });
});

test('a request that is not even acknowledged: its deadline rejects it, silence then condemns the connection', async () => {
  await executor.run({ command: 'true' }, { signal });
  host.server.freeze();
  const outcome = executor.run({ command: 'true', timeoutMs: 1_000 }, { signal }).catch((error: unknown) => error);
  await host.clock.advance(1_000);
  expect(await outcome).toMatchObject({ code: 'SSH_COMMAND_TIMEOUT' });
  await expect.poll(() => host.connections()).toBe(1);
  await host.clock.advance(4_000);
  host.server.thaw();
  await expect.poll(() => host.connections()).toBe(0);
});
