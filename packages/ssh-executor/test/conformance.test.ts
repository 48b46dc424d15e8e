import { executorConformance } from '@drover/testkit/conformance';
import { makeExecutor, makeSsh2Harness, clientKey } from './ssh2-harness.ts';
import { startSshTestServer } from './ssh-test-server.ts';

executorConformance('ssh over the test server', () => makeSsh2Harness());

executorConformance('ssh through a bastion', async () => {
  const bastion = await startSshTestServer(clientKey.publicKeyOpenSsh);
  const host = await makeSsh2Harness();
  await host.executor.close();
  const { executor, clock } = makeExecutor({
    bastion: { address: '127.0.0.1', port: bastion.port, user: 'jump', hostKeys: [bastion.hostKey()] },
  });
  return {
    ...host,
    executor,
    elapse: (ms) => clock.advance(ms),
    dispose: async () => {
      await host.dispose();
      await bastion.close();
    },
  };
});
