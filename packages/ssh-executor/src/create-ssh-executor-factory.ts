import type { ExecutorFactory } from '@drover/spec';
import { createBastion } from './bastion.ts';
import { Connector, type Shared } from './connector.ts';
import { createCrowd } from './crowd.ts';
import { SshExecutor } from './executor.ts';
import { type BastionOptions, sshDefaults, type SshExecutorOptions } from './executor-options.ts';
import { createHandshakeLimiter } from './handshake-limiter.ts';
import { openTcpTransport } from './open-tcp.ts';
import { readPrivateKey } from './private-key.ts';

/**
 * Makes executors that reach VMs by SSH. Throws DroverError SSH_KEY_UNREADABLE when a private key is of no use, and
 * ConfigError when the bastion has no host keys.
 */
export function createSshExecutorFactory(options: SshExecutorOptions): ExecutorFactory {
  const limits = { ...sshDefaults, ...options.limits };
  const direct: Shared = {
    clock: options.clock,
    random: options.random,
    limits,
    limiter: createHandshakeLimiter({ perHost: limits.maxHandshakesPerHost, total: limits.maxHandshakes }),
    crowd: createCrowd(limits.crowdWindowMs),
    privateKey: readPrivateKey(options.privateKey, options.passphrase),
    openTransport: openTcpTransport,
  };
  const shared = options.bastion === undefined ? direct : throughBastion(direct, options.bastion);
  return () => new SshExecutor(shared);
}

function throughBastion(direct: Shared, bastion: BastionOptions): Shared {
  const { privateKey } = bastion;
  const key = privateKey === undefined ? direct.privateKey : readPrivateKey(privateKey, bastion.passphrase);
  const connector = new Connector({ ...direct, privateKey: key });
  const connect = connector.connect.bind(connector);
  return { ...direct, openTransport: createBastion(bastion, connect) };
}
