import { readdirSync, readFileSync } from 'node:fs';
import type { RunnerReply, RunResult } from '@drover/spec';
import { RunnerClient, testUuid } from '@drover/testkit/conformance';
import { expect, test } from 'vitest';
import { openSocketChannel } from './socket-channel.ts';
import { onLinux, TestVm, until } from './test-vm.ts';

const runs = 60;
const deaths = 6;

/** A dispatcher that keeps asking: every operation may be repeated after any crash. */
class Dispatcher {
  readonly results = new Map<number, RunResult>();
  readonly #vm: TestVm;
  #session = 0;
  #client: RunnerClient | undefined;

  constructor(vm: TestVm) {
    this.#vm = vm;
  }

  async reconnect(): Promise<RunnerClient> {
    this.#client?.close();
    this.#session += 1;
    const client = new RunnerClient(await openSocketChannel(this.#vm.socketPath));
    mustBeOk(await client.hello(1, this.#session));
    this.#client = client;
    return client;
  }

  /** Starts everything once more; a reply that never comes belongs to an agent that died. */
  startAll(client: RunnerClient, folder: string): void {
    for (let n = 0; n < runs; n++) {
      const script = `echo ran >> ${folder}/ran-${n}; sleep 0.${(n * 7) % 10}; exit ${n}`;
      client.start(['sh', '-c', script], { uuid: testUuid(n) }).catch(() => {});
    }
  }

  async collect(client: RunnerClient): Promise<void> {
    for (let n = 0; n < runs; n++) {
      const { result, hash } = await client.finished(testUuid(n));
      this.results.set(n, result);
      mustBeOk(await client.ask({ type: 'ack', uuid: testUuid(n), generation: 1, hash }));
    }
    client.close();
  }
}

function mustBeOk(reply: RunnerReply): void {
  if (reply.type !== 'ok') throw new Error(`not ok: ${JSON.stringify(reply)}`);
}

test.skipIf(!onLinux)(
  'agents and spawners die again and again: every run happens once and its true end is told',
  async () => {
    const vm = await TestVm.start();
    try {
      const folder = vm.stateFolder;
      const dispatcher = new Dispatcher(vm);
      for (let death = 0; death < deaths; death++) {
        const client = await dispatcher.reconnect();
        dispatcher.startAll(client, folder);
        // At ever different moments of the starts, given by how far they have come.
        const progress = Math.trunc((death * runs) / deaths);
        await until(() => readdirSync(folder).filter((name) => name.startsWith('ran-')).length >= progress, 'progress');
        if (death % 3 !== 0) await vm.kill(vm.spawnerPid());
        if (death % 3 !== 1) await vm.kill(vm.agentPid());
        await vm.ensureAgent();
      }
      const client = await dispatcher.reconnect();
      dispatcher.startAll(client, folder);
      await dispatcher.collect(client);
      const wrong = [...dispatcher.results].filter(([n, result]) => result.exitCode !== n || result.unknown);
      expect(wrong).toEqual([]);
      for (let n = 0; n < runs; n++) expect(readFileSync(`${folder}/ran-${n}`, 'utf8')).toBe('ran\n');
      await until(() => readdirSync(`${folder}/runs`).length === 0, 'an empty folder');
      expect(vm.shimPids()).toEqual([]);
    } finally {
      await vm.dispose();
    }
  },
  60_000,
);
