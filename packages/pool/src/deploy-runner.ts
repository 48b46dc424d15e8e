import { DroverError, type RunnerDeployment, type RunnerFile } from '@drover/spec';
import { deployRuntime } from './deploy-runtime.ts';
import { type Deploying, must, runAsRoot } from './deploy-steps.ts';
import { shellQuote } from './shell-quote.ts';

/** Where a runner of this hash lies; empty when the image brings it. */
export function runnerDirectory(runner: RunnerDeployment): string {
  return runner.files.length === 0 ? '' : `${runner.deployDirectory}/${runner.name}~${runner.hash}`;
}

/**
 * Brings the runner to the VM unless it is there: everything into a temporary folder, synced, then renamed in one step, so that a folder
 * under the final name is always whole. Resolves with whether anything was sent. Rejects with executor errors.
 */
export async function deployRunner(deploying: Deploying): Promise<boolean> {
  const { runner } = deploying;
  const directory = runnerDirectory(runner);
  if (directory === '') return false;
  const look = await runAsRoot(deploying, {
    command: `test -d ${shellQuote(directory)} && echo present; uname -sm`,
  });
  const [first = '', second = ''] = look.stdout.trim().split('\n');
  if (first === 'present') return false;
  const platform = second === '' ? first : second;
  const lacking = runner.files.find(({ path }) => !runner.files.some((f) => f.path === path && isFor(f, platform)));
  if (lacking !== undefined)
    throw new DroverError(
      'RUNNER_UNAVAILABLE',
      `The runner has no ${lacking.path} for ${platform || 'this platform'}.`,
    );
  const temporary = `${runner.deployDirectory}/.${runner.name}~${runner.hash}.${deploying.unique}`;
  await must(deploying, {
    command: `mkdir -p ${shellQuote(runner.deployDirectory)} && mkdir ${shellQuote(temporary)}`,
  });
  try {
    for (const file of runner.files) if (isFor(file, platform)) await sendFile(deploying, temporary, file);
    if (runner.runtime !== undefined) await deployRuntime(deploying, runner.runtime, { platform, temporary });
    const [from, to] = [shellQuote(temporary), shellQuote(directory)];
    // Another dispatcher may have been first: its folder holds the same bytes, so ours is dropped.
    await must(deploying, {
      command: `sync; if test -d ${to}; then rm -rf ${from}; else mv ${from} ${to} && sync; fi`,
    });
  } catch (error) {
    await runAsRoot(deploying, { command: `rm -rf ${shellQuote(temporary)}` }).catch(() => undefined);
    throw error;
  }
  return true;
}

function isFor(file: RunnerFile, platform: string): boolean {
  return file.platform === undefined || file.platform === platform;
}

async function sendFile(deploying: Deploying, folder: string, file: RunnerFile): Promise<void> {
  const path = `${folder}/${file.path}`;
  const parent = path.slice(0, path.lastIndexOf('/'));
  const mode = file.mode.toString(8).padStart(4, '0');
  await must(deploying, {
    command: `mkdir -p ${shellQuote(parent)} && cat >${shellQuote(path)} && chmod ${mode} ${shellQuote(path)}`,
    stdin: file.bytes,
  });
}
