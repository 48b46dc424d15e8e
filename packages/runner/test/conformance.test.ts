import { describe } from 'vitest';
import { runnerConformance } from '@drover/testkit/conformance';
import { openSocketChannel } from './socket-channel.ts';
import { onLinux, TestVm } from './test-vm.ts';

describe.skipIf(!onLinux)('on Linux', () => {
  runnerConformance('agent and native helper', async () => {
    const vm = await TestVm.start();
    return {
      open: async () => openSocketChannel(vm.socketPath),
      replaceAgent: async () => {
        await vm.kill(vm.agentPid());
        await vm.ensureAgent();
      },
      dispose: async () => vm.dispose(),
    };
  });
});
