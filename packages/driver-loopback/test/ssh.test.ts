import { createServer } from 'node:net';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Instance, InstanceSet } from '@drover/spec';
import ssh2, { type Client } from 'ssh2';
import { expect, test } from 'vitest';
import { defaultVmCommand } from '../src/launch-vm.ts';
import { call, createVm, type LoopbackWorld, newWorld, until } from './loopback-world.ts';
import { connect, open, openSocket, run } from './ssh-client.ts';

interface Scene {
  readonly world: LoopbackWorld;
  readonly set: InstanceSet;
  readonly instance: Instance;
  readonly root: string;
}

async function boot(initCommand = ''): Promise<Scene> {
  const world = newWorld();
  const set = await world.open();
  const instance = await createVm(set, 'vm', { initCommands: [initCommand] });
  return { world, set, instance, root: join(world.folder(instance.id), 'root') };
}

async function bootAndConnect(): Promise<Scene & { readonly client: Client }> {
  const scene = await boot();
  return { ...scene, client: await connect(scene.instance) };
}

test('create answers with a running VM, whose published host key is the one that it shows', async () => {
  const { set, instance } = await boot();
  expect(instance).toMatchObject({ lifecycle: 'running', address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
  const shown: string[] = [];
  await connect(instance, {
    hostVerifier: (key: Buffer) => {
      shown.push(`ssh-ed25519 ${key.toString('base64')}`);
      return true;
    },
  });
  expect(await set.hostKeys?.(instance.id, call())).toEqual(shown);
});

test('two VMs have two host keys', async () => {
  const { set, instance } = await boot();
  const other = await createVm(set, 'other');
  expect(await set.hostKeys?.(other.id, call())).not.toEqual(await set.hostKeys?.(instance.id, call()));
});

test.each([
  { who: 'another key', changes: { privateKey: ssh2.utils.generateKeyPairSync('ed25519').private } },
  { who: 'a password', changes: { password: 'root', authHandler: ['password' as const] } },
  { who: 'another user', changes: { username: 'nobody' } },
])('$who is not let in', async ({ changes }) => {
  const { instance } = await boot();
  await expect(connect(instance, changes)).rejects.toThrow(/authentication/);
});

test('the init command has run before anybody can log in, in the root of the VM', async () => {
  const { instance, root } = await boot('umask 077; printf %s "$PWD" > .secret; test "$DROVER_VM_ROOT" = "$PWD"');
  expect(readFileSync(join(root, '.secret'), 'utf8')).toBe(root);
  expect(statSync(join(root, '.secret')).mode & 0o777).toBe(0o600);
  const client = await connect(instance);
  expect(await run(client, 'cat .secret')).toMatchObject({ stdout: root, end: 0 });
});

test('commands: input, both outputs, exit codes, signals', async () => {
  const { client, root } = await bootAndConnect();
  expect(await run(client, 'cat; echo problem >&2; exit 3', 'in')).toEqual({
    stdout: 'in',
    stderr: 'problem\n',
    end: 3,
  });
  expect(await run(client, 'kill -9 $$')).toMatchObject({ end: 'SIGKILL' });
  expect(await run(client, 'exit 137')).toMatchObject({ end: 137 });
  expect(await run(client, 'pwd; echo $HOME')).toMatchObject({ stdout: `${root}\n${root}\n` });
  expect(await run(client, 'node --version')).toMatchObject({ stdout: `${process.version}\n` });
});

test('a signal reaches everything that the command has started', async () => {
  const { client } = await bootAndConnect();
  const channel = await open(client, 'sleep 60 | sleep 60');
  const ended = new Promise((resolve) =>
    channel.on('exit', (code: number | null, signal?: string) => resolve(code ?? signal)),
  );
  channel.resume();
  channel.signal('TERM');
  expect(await ended).toBe('SIGTERM');
});

test('bulk input and output arrive whole', async () => {
  const { client } = await bootAndConnect();
  const bytes = Buffer.alloc(8_000_000, 'drover');
  const { stdout, end } = await run(client, 'cat', bytes);
  expect({ whole: stdout === bytes.toString(), end }).toEqual({ whole: true, end: 0 });
});

test('a command that ignores its input, and one that closes it, do not hang or end the VM', async () => {
  const { client } = await bootAndConnect();
  const bytes = Buffer.alloc(4_000_000);
  expect(await run(client, 'exec <&-; exit 4', bytes)).toMatchObject({ end: 4 });
  expect(await run(client, 'true', bytes)).toMatchObject({ end: 0 });
  expect(await run(client, 'echo still here')).toMatchObject({ stdout: 'still here\n' });
});

test('a command outlives the connection', async () => {
  const { client, instance, root } = await bootAndConnect();
  await open(client, 'trap "" PIPE; echo $$ > started; read -r line; echo "ended by $line" > ended');
  await until('the command runs', async () => (await run(client, 'cat started')).stdout || undefined);
  client.destroy();
  expect(await until('the command ends', () => readOrNothing(join(root, 'ended')))).toBe('ended by \n');
  expect(await run(await connect(instance), 'true')).toMatchObject({ end: 0 });
});

test('what a dispatcher has in its environment does not reach the VM', async () => {
  process.env['DROVER_TEST_TOKEN'] = 'secret';
  try {
    const { client } = await bootAndConnect();
    const { stdout } = await run(client, 'env');
    expect(stdout).not.toContain('DROVER_TEST_TOKEN');
    expect(stdout).toContain('DROVER_VM_ROOT=');
  } finally {
    delete process.env['DROVER_TEST_TOKEN'];
  }
});

test('a channel to a unix socket carries bytes and both ends of the stream', async () => {
  const { client, root } = await bootAndConnect();
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => socket.end(`got ${Buffer.concat(chunks).length}`));
  });
  await new Promise<void>((resolve) => {
    listener.listen(join(root, 'agent.sock'), resolve);
  });
  try {
    for (const path of [join(root, 'agent.sock'), 'agent.sock']) {
      const channel = await openSocket(client, path);
      const answer = new Promise<string>((resolve) => {
        let text = '';
        channel.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        channel.on('close', () => resolve(text));
      });
      channel.end(Buffer.alloc(3_000_000));
      expect(await answer).toBe('got 3000000');
    }
  } finally {
    listener.close();
  }
});

test('a socket is reached although its path is longer than a socket address', async () => {
  const world = newWorld({ below: 'deep'.repeat(40) });
  const instance = await createVm(await world.open(), 'vm');
  const client = await connect(instance);
  const echo = `require('net').createServer((s) => s.pipe(s)).listen('agent.sock')`;
  await run(client, `node -e "${echo}" >/dev/null 2>&1 &`);
  const path = join(world.folder(instance.id), 'root', 'agent.sock');
  await until('the socket is there', async () => (await run(client, `test -S '${path}'`)).end === 0 || undefined);
  const channel = await openSocket(client, path);
  const answer = new Promise((resolve) => channel.once('data', (chunk: Buffer) => resolve(chunk.toString())));
  channel.write('hello');
  expect(await answer).toBe('hello');
});

test('a VM that is short of file descriptors refuses commands, and lives on', async () => {
  const world = newWorld();
  const limited = ['/bin/sh', '-c', 'ulimit -n 48; exec "$@"', 'sh', ...defaultVmCommand()];
  const client = await connect(await createVm(await world.open({ driver: { vmCommand: limited } }), 'vm'));
  const ends = await Promise.all(Array.from({ length: 40 }, () => run(client, 'sleep 0.2')));
  expect(new Set(ends.map((ran) => ran.end))).toEqual(new Set([0, 126]));
  expect(await run(client, 'echo alive')).toMatchObject({ stdout: 'alive\n', end: 0 });
});

test('a channel to a socket that is not there is refused, and the connection lives on', async () => {
  const { client } = await bootAndConnect();
  await expect(openSocket(client, 'none.sock')).rejects.toThrow(/open failure/i);
  expect(await run(client, 'true')).toMatchObject({ end: 0 });
});

test('rubbish on the port does not end the VM', async () => {
  const { instance } = await bootAndConnect();
  const { connect: connectSocket } = await import('node:net');
  const port = Number(instance.address.split(':')[1]);
  for (const rubbish of ['GET / HTTP/1.1\r\n\r\n', `SSH-2.0-x\r\n${'\0'.repeat(5000)}`, '\xff'.repeat(9000)]) {
    await new Promise((resolve) => {
      const socket = connectSocket(port, '127.0.0.1', () => socket.end(rubbish, 'latin1'));
      socket.on('error', resolve).on('close', resolve).resume();
    });
  }
  expect(await run(await connect(instance), 'true')).toMatchObject({ end: 0 });
});

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8') || undefined;
  } catch {
    return undefined;
  }
}
