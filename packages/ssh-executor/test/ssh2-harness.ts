import type { Executor, ExecutorFactory } from '@drover/spec';
import { SeededRandom, SimulatedClock } from '@drover/testkit';
import type { ExecutorHarness } from '@drover/testkit/conformance';
import { createSshExecutorFactory, generateSshKeyPair, type SshExecutorOptions, type SshLimits } from '../src/index.ts';
import { type SshTestServer, startSshTestServer } from './ssh-test-server.ts';

/** One key pair for all tests: making keys is not what they are about. */
export const clientKey = generateSshKeyPair();

/** A harness over the test server, with what tests of the SSH executor need beyond the contract. */
export interface Ssh2Harness extends ExecutorHarness {
  readonly server: SshTestServer;
  readonly clock: SimulatedClock;
}

/** Makes executors on a simulated clock, by default with the tests' key. */
export function makeExecutor(options: Partial<SshExecutorOptions> = {}): {
  readonly executor: Executor;
  readonly factory: ExecutorFactory;
  readonly clock: SimulatedClock;
} {
  const clock = new SimulatedClock();
  const random = new SeededRandom(1);
  const factory = createSshExecutorFactory({ privateKey: clientKey.privateKeyPem, clock, random, ...options });
  return { executor: factory('i-1'), factory, clock };
}

/** A fresh server and an executor. */
export async function makeSsh2Harness(limits: Partial<SshLimits> = {}): Promise<Ssh2Harness> {
  const server = await startSshTestServer(clientKey.publicKeyOpenSsh);
  const { executor, clock } = makeExecutor({ limits });
  return {
    executor,
    server,
    clock,
    target: () => ({ address: '127.0.0.1', port: server.port, user: 'drover', pinnedKeys: [] }),
    hostKey: () => server.hostKey(),
    echo: { command: 'cat' },
    loseConnections: async () => server.reset(),
    connections: () => server.connections(),
    changeHostKey: async () => server.changeHostKey(),
    elapse: (ms) => clock.advance(ms),
    dispose: () => server.close(),
  };
}
