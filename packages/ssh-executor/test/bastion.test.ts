import { type Executor, HostKeyError } from '@drover/spec';
import { SeededRandom, SimulatedClock } from '@drover/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSshExecutorFactory, generateSshKeyPair } from '../src/index.ts';
import { clientKey } from './ssh2-harness.ts';
import { type SshTestServer, startSshTestServer } from './ssh-test-server.ts';

let bastion: SshTestServer;
let host: SshTestServer;
let clock: SimulatedClock;
const { signal } = new AbortController();
const bastionKey = generateSshKeyPair();

beforeEach(async () => {
  clock = new SimulatedClock();
  bastion = await startSshTestServer(bastionKey.publicKeyOpenSsh);
  host = await startSshTestServer(clientKey.publicKeyOpenSsh);
});

afterEach(async () => {
  await Promise.all([bastion.close(), host.close()]);
});

function makeFactory(hostKeys: readonly string[]): () => Executor {
  const factory = createSshExecutorFactory({
    privateKey: clientKey.privateKeyPem,
    clock,
    random: new SeededRandom(1),
    bastion: { address: `127.0.0.1:${bastion.port}`, user: 'jump', hostKeys, privateKey: bastionKey.privateKeyPem },
  });
  return () => {
    const executor = factory('i-1');
    executor.setTarget({ address: '127.0.0.1', port: host.port, user: 'drover', pinnedKeys: [host.hostKey()] });
    return executor;
  };
}

test('hosts are reached over one connection to the bastion, which ends with the last of them', async () => {
  const make = makeFactory([bastion.hostKey()]);
  const executors = [make(), make(), make()];
  const results = await Promise.all(executors.map((each) => each.run({ command: 'echo through' }, { signal })));
  expect(results.map((each) => each.stdout)).toEqual(['through\n', 'through\n', 'through\n']);
  expect([bastion.connections(), host.connections()]).toEqual([1, 3]);
  await executors[0]?.close();
  await executors[1]?.close();
  await expect.poll(() => [bastion.connections(), host.connections()]).toEqual([1, 1]);
  await executors[2]?.close();
  await expect.poll(() => [bastion.connections(), host.connections()]).toEqual([0, 0]);
});

test('the host behind the bastion is verified by its own key', async () => {
  const executor = makeFactory([bastion.hostKey()])();
  executor.setTarget({ address: '127.0.0.1', port: host.port, user: 'drover', pinnedKeys: [bastion.hostKey()] });
  await expect(executor.connect({ signal })).rejects.toThrow(HostKeyError);
  await executor.close();
});

test('a bastion that shows another key than configured is refused, and the host never hears of it', async () => {
  const executor = makeFactory([host.hostKey()])();
  await expect(executor.connect({ signal })).rejects.toThrow(HostKeyError);
  expect(host.accepted()).toBe(0);
  await executor.close();
});

test('a bastion without host keys, or with something that is not one, is refused by the factory', () => {
  expect(() => makeFactory([])).toThrow('has no host key');
  expect(() => makeFactory(['ssh-ed25519 nonsense'])).toThrow('not a public host key');
});

test('a lost bastion loses the hosts; the next command connects both again', async () => {
  const executor = makeFactory([bastion.hostKey()])();
  await executor.run({ command: 'true' }, { signal });
  const running = executor.run({ command: 'exec sleep 60' }, { signal }).catch((error: unknown) => error);
  bastion.reset();
  expect(await running).toMatchObject({ code: 'SSH_CONNECT' });
  const again = executor.run({ command: 'echo again' }, { signal });
  await clock.advance(2_000);
  expect((await again).stdout).toBe('again\n');
  expect([bastion.accepted(), host.accepted()]).toEqual([2, 2]);
  await executor.close();
});
