import type { Executor, Target } from '@drover/spec';
import { SeededRandom } from '@drover/testkit';
import type { ExecutorHarness } from '@drover/testkit/conformance';
import { type BastionOptions, createSshExecutorFactory, type SshLimits } from '../src/index.ts';
import { findSshd } from './find-sshd.ts';
import { type OpenSshServer, startOpenSsh } from './openssh-server.ts';
import { realClock } from '@drover/testkit/real-clock';
import { clientKey } from './ssh2-harness.ts';

const sshd = await findSshd();
if ('missing' in sshd) console.warn(`TESTS AGAINST OPENSSH ARE SKIPPED: ${sshd.missing}`);

/** Is there no OpenSSH to test against? */
export const noOpenSsh = 'missing' in sshd;

/** Starts an sshd that lets the tests' key in. */
export function startServer(configuration: readonly string[] = []): Promise<OpenSshServer> {
  if ('missing' in sshd) throw new Error(sshd.missing);
  return startOpenSsh(sshd.path, clientKey.publicKeyOpenSsh, configuration);
}

/** Short gaps, so that tests need not wait; everything else as in production. */
const testLimits: Partial<SshLimits> = { attemptGapMs: 50, failedAttemptGapMs: 50 };

/** Makes executors on the real clock. */
export function makeExecutors(limits: Partial<SshLimits> = {}, bastion?: BastionOptions): (target: Target) => Executor {
  const factory = createSshExecutorFactory({
    privateKey: clientKey.privateKeyPem,
    clock: realClock,
    random: new SeededRandom(1),
    limits: { ...testLimits, ...limits },
    ...(bastion !== undefined && { bastion }),
  });
  return (target) => {
    const executor = factory('i-1');
    executor.setTarget(target);
    return executor;
  };
}

/** Where a server is, its key pinned. */
export function targetOf(server: OpenSshServer): Target {
  return { address: '127.0.0.1', port: server.port, user: server.user, pinnedKeys: [server.hostKey()] };
}

/** The conformance suite's harness over an sshd of its own. */
export async function makeOpenSshHarness(): Promise<ExecutorHarness> {
  const server = await startServer();
  return {
    executor: makeExecutors()(targetOf(server)),
    target: () => ({ ...targetOf(server), pinnedKeys: [] }),
    hostKey: () => server.hostKey(),
    echo: { command: 'cat' },
    loseConnections: () => server.loseConnections(),
    connections: () => server.connections(),
    changeHostKey: () => server.changeHostKey(),
    elapse: () => Promise.resolve(),
    dispose: () => server.stop(),
  };
}
