import { CommandTimeoutError, ConnectError, type Executor } from '@drover/spec';
import { createServer, type Server } from 'node:net';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { noOpenSsh, makeExecutors, startServer, targetOf } from './openssh-harness.ts';
import type { OpenSshServer } from './openssh-server.ts';

const { signal } = new AbortController();
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function server(...configuration: string[]): Promise<OpenSshServer> {
  const started = await startServer(configuration);
  cleanups.push(() => started.stop());
  return started;
}

function executorFor(host: OpenSshServer, limits = {}): Executor {
  const executor = makeExecutors(limits)(targetOf(host));
  cleanups.push(() => executor.close());
  return executor;
}

describe.skipIf(noOpenSsh)('traffic', () => {
  test('re-keying under way disturbs nothing, with the host verified each time', async () => {
    const host = await server('RekeyLimit 1M', 'LogLevel DEBUG1');
    const executor = executorFor(host);
    for (let i = 0; i < 3; i += 1) {
      const stdin = String(i).repeat(2_500_000);
      const result = await executor.run({ command: 'cat', stdin, maxOutputBytes: 3_000_000 }, { signal });
      expect(result.stdout === stdin).toBe(true);
    }
    expect(host.log().match(/set_newkeys: rekeying/g)?.length).toBeGreaterThan(4);
    expect(await host.connections()).toBe(1);
  });

  test('both streams are drained, however much comes', async () => {
    const flood = '(head -c 9000000 /dev/zero >&2) & head -c 9000000 /dev/zero; wait';
    const result = await executorFor(await server()).run({ command: flood, maxOutputBytes: 10 }, { signal });
    expect(result).toMatchObject({ exitCode: 0, truncated: true });
  });

  test('a detached command with redirected streams does not hold its channel', async () => {
    const host = await server();
    const executor = executorFor(host);
    const file = join(host.folder, 'detached');
    const detached = `setsid sh -c 'sleep 0.3; echo done > ${file}' </dev/null >/dev/null 2>&1 &`;
    const startedMs = performance.now();
    expect((await executor.run({ command: detached }, { signal })).exitCode).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(250);
    await expect.poll(() => readFile(file, 'utf8').catch(() => '')).toBe('done\n');
  });

  test('a detached command that keeps stderr open holds its channel to the end', async () => {
    const executor = executorFor(await server());
    const startedMs = performance.now();
    await executor.run({ command: "setsid sh -c 'sleep 0.4' </dev/null >/dev/null &" }, { signal });
    expect(performance.now() - startedMs).toBeGreaterThan(350);
  });
});

describe.skipIf(noOpenSsh)("the server's limits", () => {
  test('MaxSessions 2: thirty commands at once all run, over one connection', async () => {
    const host = await server('MaxSessions 2');
    const executor = executorFor(host);
    const runs = Array.from({ length: 30 }, (_, i) => executor.run({ command: `echo ${i}` }, { signal }));
    expect((await Promise.all(runs)).map((r) => r.stdout)).toEqual(Array.from({ length: 30 }, (_, i) => `${i}\n`));
    expect(await host.connections()).toBe(1);
  });

  test('MaxSessions 2 and a channel that stays open: commands still run', async () => {
    const executor = executorFor(await server('MaxSessions 2'));
    const channel = await executor.open({ command: 'cat' }, { signal });
    const runs = Array.from({ length: 10 }, (_, i) => executor.run({ command: `echo ${i}` }, { signal }));
    expect((await Promise.all(runs)).map((r) => r.stdout)).toEqual(Array.from({ length: 10 }, (_, i) => `${i}\n`));
    const line = new Promise((resolve) => channel.onLine(resolve));
    channel.send('still here');
    expect(await line).toBe('still here');
    channel.close();
  }, 30_000);

  test('MaxSessions 0: a clear error', async () => {
    const executor = executorFor(await server('MaxSessions 0'));
    await expect(executor.run({ command: 'true' }, { signal })).rejects.toMatchObject({
      code: 'SSH_CONNECT',
      fix: expect.stringContaining('MaxSessions'),
    });
  });

  test('MaxStartups 10:30:100: fifty executors at once all connect', async () => {
    const host = await server('MaxStartups 10:30:100');
    const make = makeExecutors();
    const executors = Array.from({ length: 50 }, () => make(targetOf(host)));
    cleanups.push(async () => {
      await Promise.all(executors.map((each) => each.close()));
    });
    const keys = await Promise.all(executors.map((each) => each.connect({ signal })));
    expect(new Set(keys)).toEqual(new Set([host.hostKey()]));
  }, 30_000);

  test('commands that hang keep their channels, so that the server is not loaded with more', async () => {
    const executor = executorFor(await server());
    const hang = { command: 'sleep 1.5', timeoutMs: 300 };
    const hanging = await Promise.allSettled(Array.from({ length: 6 }, () => executor.run(hang, { signal })));
    expect(hanging.every((each) => each.status === 'rejected' && each.reason instanceof CommandTimeoutError)).toBe(
      true,
    );
    await expect(executor.run({ command: 'true', timeoutMs: 200 }, { signal })).rejects.toThrow(
      'waiting for a channel',
    );
    expect((await executor.run({ command: 'echo free' }, { signal })).stdout).toBe('free\n');
  });
});

describe.skipIf(noOpenSsh)('faults', () => {
  test('a frozen sshd: the deadline rejects, the connection is given up, the next one works', async () => {
    const host = await server();
    const executor = executorFor(host, { unacknowledgedMs: 400 });
    await executor.run({ command: 'true' }, { signal });
    const frozen = await host.connectionPids();
    for (const pid of frozen) process.kill(pid, 'SIGSTOP');
    const startedMs = performance.now();
    const channel = executor.open({ command: 'cat' }, { signal }).catch((error: unknown) => error);
    await expect(executor.run({ command: 'true', timeoutMs: 300 }, { signal })).rejects.toThrow(CommandTimeoutError);
    expect(await channel).toBeInstanceOf(ConnectError);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect((await executor.run({ command: 'echo back' }, { signal })).stdout).toBe('back\n');
  });

  test('a frozen listener: connecting ends by its own deadline', async () => {
    const silent = await listenSilently();
    const make = makeExecutors({ connectTimeoutMs: 300 });
    const executor = make({ address: '127.0.0.1', port: silent.port, user: 'root', pinnedKeys: [] });
    cleanups.push(() => executor.close());
    await expect(executor.connect({ signal })).rejects.toThrow('no connection within 300 ms');
  });

  test('a reset ends what runs as unknown; the command itself goes on', async () => {
    const host = await server();
    const executor = executorFor(host);
    const file = join(host.folder, 'survivor');
    const command = `trap '' HUP PIPE; echo started > ${file}; sleep 0.4; echo survived > ${file}`;
    const running = executor.run({ command }, { signal }).catch((error: unknown) => error);
    const read = (): Promise<string> => readFile(file, 'utf8').catch(() => '');
    await expect.poll(read).toBe('started\n');
    await host.loseConnections();
    expect(await running).toBeInstanceOf(ConnectError);
    await expect.poll(read, { timeout: 3_000 }).toBe('survived\n');
  });
});

describe.skipIf(noOpenSsh)('a bastion', () => {
  function executorThrough(bastion: OpenSshServer, host: OpenSshServer): Executor {
    const jump = { address: '127.0.0.1', port: bastion.port, user: bastion.user, hostKeys: [bastion.hostKey()] };
    const executor = makeExecutors({}, jump)(targetOf(host));
    cleanups.push(() => executor.close());
    return executor;
  }

  test('commands and channels reach a host behind it; all is gone with the executor', async () => {
    const [bastion, host] = [await server(), await server('RekeyLimit 1M')];
    const executor = executorThrough(bastion, host);
    const stdin = 'x'.repeat(2_500_000);
    const result = await executor.run({ command: 'cat', stdin, maxOutputBytes: 3_000_000 }, { signal });
    expect(result.stdout === stdin).toBe(true);
    expect([await bastion.connections(), await host.connections()]).toEqual([1, 1]);
    await executor.close();
    await expect.poll(async () => [await bastion.connections(), await host.connections()]).toEqual([0, 0]);
  });

  test('one that forbids forwarding: a clear error', async () => {
    const executor = executorThrough(await server('AllowTcpForwarding no'), await server());
    await expect(executor.connect({ signal })).rejects.toThrow(/bastion .*open failure/);
  });
});

describe.skipIf(noOpenSsh)('stream-local forwarding', () => {
  test('where it is allowed the channel goes to the socket', async () => {
    const host = await server();
    const path = await listenUnix(join(host.folder, 'agent.sock'), 'socket');
    const channel = await executorFor(host).open({ socketPath: path, command: 'echo command; cat' }, { signal });
    const line = await new Promise((resolve) => channel.onLine(resolve));
    expect(line).toBe('socket');
    channel.close();
  });

  test('where it is forbidden the command is used, and the forward is not tried again', async () => {
    const host = await server('AllowStreamLocalForwarding no');
    const path = await listenUnix(join(host.folder, 'agent.sock'), 'socket');
    const executor = executorFor(host);
    for (let i = 0; i < 3; i += 1) {
      const channel = await executor.open({ socketPath: path, command: 'echo command; cat' }, { signal });
      expect(await new Promise((resolve) => channel.onLine(resolve))).toBe('command');
      channel.close();
    }
    expect(host.log().match(/refused streamlocal port forward/g)).toHaveLength(1);
  });

  test('where the socket is not there yet the command is used; if that fails too, the forward is tried again', async () => {
    const host = await server();
    const executor = executorFor(host);
    const path = join(host.folder, 'agent.sock');
    const first = await executor.open({ socketPath: path, command: 'exit 7' }, { signal });
    const error = await new Promise<Error | undefined>((resolve) => {
      first.onClose(resolve);
    });
    expect(error?.message).toContain('exit code 7');
    await listenUnix(path, 'socket');
    const second = await executor.open({ socketPath: path, command: 'exit 7' }, { signal });
    expect(await new Promise((resolve) => second.onLine(resolve))).toBe('socket');
    second.close();
  });
});

/** Says `greeting` to everybody who connects. */
async function listenUnix(path: string, greeting: string): Promise<string> {
  const listener = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(`${greeting}\n`);
  });
  await listen(listener, path);
  return path;
}

/** Accepts TCP connections and says nothing, like a frozen sshd. */
async function listenSilently(): Promise<{ readonly port: number }> {
  const listener = createServer((socket) => {
    socket.on('error', () => undefined);
    cleanups.push(async () => {
      socket.destroy();
    });
  });
  await listen(listener, 0);
  const address = listener.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return { port: address.port };
}

function listen(listener: Server, where: string | number): Promise<void> {
  cleanups.push(async () => {
    listener.close();
  });
  return new Promise((resolve, reject) => {
    listener.on('error', reject);
    if (typeof where === 'number') listener.listen(where, '127.0.0.1', () => resolve());
    else listener.listen(where, () => resolve());
  });
}
