import { DroverError, type RunnerRuntime, type RuntimeProgram } from '@drover/spec';
import { type Deploying, failureText, must, runAsRoot } from './deploy-steps.ts';
import { shellQuote } from './shell-quote.ts';

/** The VM that is being prepared. */
export interface RuntimeTarget {
  /** What `uname -sm` prints there. */
  readonly platform: string;
  /** The runner's directory while it is being filled. */
  readonly temporary: string;
}

/**
 * Brings the program that the runner needs to a VM that has none of its own. It lies beside the runner's versions, so that the next
 * version finds it there, and each version that needs it has a link to it. Rejects with executor errors and RUNNER_UNAVAILABLE.
 */
export async function deployRuntime(
  deploying: Deploying,
  runtime: RunnerRuntime,
  { platform, temporary }: RuntimeTarget,
): Promise<void> {
  const own = await runAsRoot(deploying, { command: runtime.checkCommand });
  if (own.exitCode === 0) return;
  const program = await runtime.load(platform);
  if (program === undefined) throw missing(runtime, `and drover has none for ${platform || 'this platform'}`);
  const folder = `${runtime.name}~${program.hash}`;
  const directory = `${deploying.runner.deployDirectory}/${folder}`;
  const there = await runAsRoot(deploying, { command: `test -x ${shellQuote(`${directory}/${runtime.name}`)}` });
  if (there.exitCode !== 0) await send(deploying, runtime, program, directory);
  await must(deploying, {
    command: `ln -s ${shellQuote(`../${folder}/${runtime.name}`)} ${shellQuote(`${temporary}/${runtime.name}`)}`,
  });
}

/** Piece by piece into a folder of its own, which gets its name when the program has shown that it runs. */
async function send(
  deploying: Deploying,
  runtime: RunnerRuntime,
  program: RuntimeProgram,
  directory: string,
): Promise<void> {
  const temporary = `${deploying.runner.deployDirectory}/.${runtime.name}~${program.hash}.${deploying.unique}`;
  const [packed, unpacked] = [shellQuote(`${temporary}/packed.gz`), shellQuote(`${temporary}/${runtime.name}`)];
  await must(deploying, { command: `mkdir ${shellQuote(temporary)}` });
  try {
    for await (const piece of program.pieces()) await must(deploying, { command: `cat >>${packed}`, stdin: piece });
    await must(deploying, { command: `gzip -dc ${packed} >${unpacked} && rm ${packed} && chmod 0755 ${unpacked}` });
    const size = await must(deploying, { command: `wc -c <${unpacked}` });
    if (Number(size.stdout.trim()) !== program.sizeBytes)
      throw missing(runtime, `and what was sent arrived with ${size.stdout.trim()} of ${program.sizeBytes} bytes`);
    const runs = await runAsRoot(deploying, { command: `${unpacked} --version` });
    if (runs.exitCode !== 0) throw missing(runtime, `and the one that drover sent does not run: ${failureText(runs)}`);
    const [from, to] = [shellQuote(temporary), shellQuote(directory)];
    // Another dispatcher may have been first: its folder holds the same bytes, so ours is dropped.
    await must(deploying, {
      command: `sync; if test -d ${to}; then rm -rf ${from}; else mv ${from} ${to} && sync; fi`,
    });
  } catch (error) {
    await runAsRoot(deploying, { command: `rm -rf ${shellQuote(temporary)}` }).catch(() => undefined);
    throw error;
  }
}

function missing(runtime: RunnerRuntime, why: string): DroverError {
  return new DroverError('RUNNER_UNAVAILABLE', `The VM has no ${runtime.description}, ${why}.`, {
    fix: `install ${runtime.description} in the image`,
  });
}
