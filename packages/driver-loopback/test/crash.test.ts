import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { call, createVm, dispatcherKey, newWorld, until } from './loopback-world.ts';
import { connect, run } from './ssh-client.ts';
import { setTags } from './surroundings.ts';

// The moments that a create passes through take about 150 ms from the start of the program's own work.
test.each([0, 5, 10, 20, 40, 80, 160])(
  'a dispatcher killed %i ms into creating VMs loses none and makes none twice',
  async (afterMs) => {
    const world = newWorld();
    const program = join(import.meta.dirname, 'create-forever.ts');
    const dispatcher = spawn(
      process.execPath,
      ['--conditions=@drover/source', program, world.stateDirectory, dispatcherKey.public],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await once(dispatcher.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    dispatcher.kill('SIGKILL');
    await once(dispatcher, 'exit');

    const set = await world.open();
    const names = ['vm-0', 'vm-1', 'vm-2'];
    const ids: string[] = [];
    for (const name of names) {
      const { id } = await createVm(set, name);
      const running = await until(`${name} runs`, async () =>
        (await set.list(setTags, call())).instances.find((i) => i.id === id && i.lifecycle === 'running'),
      );
      expect(await run(await connect(running), 'echo here')).toMatchObject({ stdout: 'here\n' });
      ids.push(id);
    }
    expect((await set.list(setTags, call())).instances.map((i) => i.id).toSorted()).toEqual(ids.toSorted());
  },
);
