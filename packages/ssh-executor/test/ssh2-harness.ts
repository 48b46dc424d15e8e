import { SeededRandom, SimulatedClock } from '@drover/testkit';
import type { ExecutorHarness } from '@drover/testkit/conformance';
import { createSshExecutorFactory, generateSshKeyPair, type SshLimits } from '../src/index.ts';
import { type SshTestServer, startSshTestServer } from './ssh-test-server.ts';

/** One key pair for all tests: making keys is not what they are about. */
export const clientKey = generateSshKeyPair();

/** A harness over the test server, with what tests of the SSH executor need beyond the contract. */
export interface Ssh2Harness extends ExecutorHarness {
  readonly server: SshTestServer;
  readonly clock: SimulatedClock;
}

/** A fresh server and an executor on a simulated clock. */
export async function makeSsh2Harness(limits: Partial<SshLimits> = {}): Promise<Ssh2Harness> {
  const server = await startSshTestServer(clientKey.publicKeyOpenSsh);
  const clock = new SimulatedClock();
  const random = new SeededRandom(1);
  const factory = createSshExecutorFactory({ privateKey: clientKey.privateKeyPem, clock, random, limits });
  return {
    executor: factory('i-1'),
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
