import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { snapshotRecords } from './agent-state.ts';
import { Agent } from './agent.ts';
import { Channel } from './channel.ts';
import { processEngine } from './engines/process.ts';
import { replayJournal } from './journal-format.ts';
import { Journal } from './journal.ts';
import { openRunFolders } from './run-folders.ts';
import { SpawnerClient } from './spawner-client.ts';
import { systemClock } from './system-clock.ts';

/** What the agent is told when it is started. */
export interface ServeOptions {
  readonly stateFolder: string;
  readonly helper: string;
  readonly version: string;
  readonly log: (text: string) => void;
}

/** Runs the agent until the process ends. Resolves when its socket takes connections. */
export async function serve(options: ServeOptions): Promise<void> {
  const { stateFolder, log } = options;
  mkdirSync(`${stateFolder}/runs`, { recursive: true, mode: 0o700 });
  const state = replayJournal(Journal.read(stateFolder));
  const journal = Journal.open(stateFolder, snapshotRecords(state));
  const spawner = new SpawnerClient({ stateFolder, helper: options.helper, log });
  const engine = processEngine(process.env['PATH']);
  const agent = new Agent(
    {
      clock: systemClock,
      journal,
      spawner,
      folders: openRunFolders(stateFolder),
      engineFor: () => engine,
      bootId: readBootId(),
      version: options.version,
      powerOff: () => log('no dispatcher for longer than the lease; this deployment does not say how to power off'),
      log,
    },
    state,
  );
  const opened = agent.open();
  spawner.open();
  await opened;
  await listen(`${stateFolder}/agent.sock`, agent);
}

async function listen(path: string, agent: Agent): Promise<void> {
  // The lock that the helper holds for us says that nobody else listens here.
  rmSync(path, { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => new Channel(agent, socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

/** Changes with every boot of the VM. Empty where the system does not tell. */
function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
