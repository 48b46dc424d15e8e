import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { snapshotRecords } from './agent-state.ts';
import { Agent } from './agent.ts';
import { readBootId } from './boot-id.ts';
import { Channel } from './channel.ts';
import { containerName, imageEngine } from './engines/image.ts';
import { processEngine } from './engines/process.ts';
import { sweepOrphans } from './engines/sweep.ts';
import { replayJournal } from './journal-format.ts';
import { Journal } from './journal.ts';
import { watchCloud, watchFile } from './preemption/watch.ts';
import type { PreemptionNotice } from './preemption/source.ts';
import { runProgram } from './program.ts';
import { openRunFolders, parseRunKey } from './run-folders.ts';
import type { ServeFlags } from './serve-flags.ts';
import { SpawnerClient } from './spawner-client.ts';
import { systemClock } from './system-clock.ts';

/** What the agent is told when it is started. */
export interface ServeOptions extends ServeFlags {
  readonly stateFolder: string;
  /** Path of the native helper. */
  readonly helper: string;
  readonly version: string;
  readonly log: (text: string) => void;
}

/** Runs the agent until the process ends. Resolves when its socket takes connections. */
export async function serve(options: ServeOptions): Promise<void> {
  const { stateFolder, log, imageEngineName } = options;
  mkdirSync(`${stateFolder}/runs`, { recursive: true, mode: 0o700 });
  const state = replayJournal(Journal.read(stateFolder));
  const journal = Journal.open(stateFolder, snapshotRecords(state));
  const spawner = new SpawnerClient({ stateFolder, helper: options.helper, log });
  const agentId = createHash('sha256').update(stateFolder).digest('hex').slice(0, 16);
  const processes = processEngine(process.env);
  const images = imageEngine({ name: imageEngineName, stateFolder, agentId, clientEnv: clientEnv() });
  const agent = new Agent(
    {
      clock: systemClock,
      journal,
      spawner,
      folders: openRunFolders(stateFolder),
      engineFor: (image) => (image === undefined ? processes : images),
      removeContainer: (key) => {
        // Not there, or no such engine: nothing to remove.
        void runProgram(imageEngineName, ['rm', '--force', containerName(key)]).catch(() => {});
      },
      bootId: await readBootId(),
      version: options.version,
      powerOff: () => powerOff(options),
      log,
    },
    state,
  );
  const opened = agent.open();
  spawner.open();
  await opened;
  await listen(`${stateFolder}/agent.sock`, agent, () => {
    journal.flush();
    process.exit(0);
  });
  watchForNotice(options, agent);
  const orphans = await sweepOrphans(imageEngineName, agentId, (key) => isLive(agent, key), runProgram);
  for (const key of orphans) log(`removed the container of ${key}, which nobody supervised`);
}

function watchForNotice({ preemptionWatch }: ServeOptions, agent: Agent): void {
  const report = (notice: PreemptionNotice): void => agent.reportPreemption(notice);
  const root = process.env['DROVER_VM_ROOT'];
  if (preemptionWatch === 'file') {
    if (root !== undefined) watchFile(root, systemClock, report);
  } else if (preemptionWatch !== 'none') watchCloud(preemptionWatch, systemClock, report);
}

function isLive(agent: Agent, key: string): boolean {
  const named = parseRunKey(key);
  return agent.runs
    .list()
    .some((run) => run.uuid === named?.uuid && run.generation === named.generation && run.state !== 'finished');
}

function powerOff({ powerOffCommand, log }: ServeOptions): void {
  if (powerOffCommand === '') {
    log('no dispatcher for longer than the dead-man lease, but this deployment does not say how to end the VM');
    return;
  }
  log('no dispatcher for longer than the dead-man lease, nothing runs: ending the VM');
  runProgram('sh', ['-c', powerOffCommand]).catch((error: unknown) =>
    log(`the power-off command failed: ${String(error)}`),
  );
}

async function listen(path: string, agent: Agent, retire: () => void): Promise<void> {
  // The lock that the helper holds for us says that nobody else listens here.
  rmSync(path, { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => new Channel(agent, socket, retire));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

function clientEnv(): Readonly<Record<string, string>> {
  const known = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(
    known.filter(([name]) => /^(?:PATH|HOME|DOCKER_\w+|CONTAINER\w*|XDG_\w+|DROVER_VM_\w+)$/.test(name)),
  );
}
