import { type Command, Option } from 'commander';
import type { SimulateSeedsOptions } from '../commands/simulate-seeds.ts';
import type { SimulateTraceOptions } from '../commands/simulate-trace.ts';
import { collect, seconds, wholeNumber } from './argument-values.ts';
import { withOutput } from './leaf.ts';

const examples = `
Examples:
  drover simulate jobs.swf --vary pool.timeoutIdle=1m,10m --svg idle.svg
  drover simulate --seed 42
  drover simulate --runs 100 --keep-going
  drover simulate --seed 42 --set faults=vm-lost,dispatcher-crash --set runMs=10s..5m
  drover simulate --seed 42 --shrink --save small.json
  drover simulate --plan small.json

Without a trace it ends with 1 when an invariant is broken.`;

const traceOptions: readonly Option[] = [
  new Option('-c, --config <file>', 'a configuration; repeat it to compare several (default: drover.yaml)').argParser(
    collect,
  ),
  new Option(
    '--vary <key=values>',
    'compare values of a setting, e.g. pool.timeoutIdle=1m,10m; may be repeated',
  ).argParser(collect),
  new Option('--svg <file>', 'draw the comparison as well'),
  new Option('--boot-time <duration>', 'from a create to a VM that answers (default: as recorded, else 1m)').argParser(
    seconds,
  ),
  new Option('--spot-life <duration>', 'mean life of a spot VM (default: as recorded, else 24h)').argParser(seconds),
  new Option('--quota <count>', 'VMs that the cloud allows in all').argParser(wholeNumber),
];

const seedOptions: readonly Option[] = [
  new Option('--runs <count>', 'this seed and those after it (default 1)').argParser(wholeNumber),
  new Option('--plan <file>', 'play this plan instead of a seed'),
  new Option('--plant <id>', 'plant this bug of docs/bug-ledger.md in the dispatcher'),
  new Option('--once', 'play each seed once; else twice, and both must go the same way'),
  new Option('--checks <which>', 'after every event, or a sample of them: several times as fast (default all)').choices(
    ['all', 'sampled'],
  ),
  new Option('--keep-going', 'go on after a seed that breaks something'),
  new Option('--trace <lines>', 'print so much of the end of a failing history (default 30)').argParser(wholeNumber),
  new Option('--follow <text>', 'print every line of the history that contains this'),
  new Option('--shrink', 'make the first failing run smaller, while it breaks the same'),
  new Option('--shrink-runs <count>', 'spend at most so many runs on that (default 600)').argParser(wholeNumber),
  new Option('--save <file>', 'write the plan of the failing run, shrunk if asked for'),
];

/**
 * `drover simulate TRACE`: what another configuration would have cost, and how long its users would have waited.
 * `drover simulate --seed N`: the whole dispatcher over a simulated world of faults. Both in this process.
 */
export function addSimulateCommands(program: Command): void {
  const command = withOutput(
    program
      .command('simulate [trace]')
      .description(
        'replay a trace of jobs with other settings; or, without one, prove the dispatcher in a world of faults',
      ),
  )
    .option('--seed <number>', 'everything that chance decides follows from it (default 1)', wholeNumber)
    .option('--set <key=value>', 'change a setting of the configuration, or of the world; may be repeated', collect)
    .addHelpText('after', examples);
  for (const option of traceOptions) command.addOption(option.helpGroup('With a trace:'));
  for (const option of seedOptions) command.addOption(option.helpGroup('Without a trace:'));
  command.action(async (trace: string | undefined, options: SimulateTraceOptions & SimulateSeedsOptions) => {
    refuseMixture(command, trace === undefined ? traceOptions : seedOptions, trace);
    if (trace === undefined) return (await import('../commands/simulate-seeds.ts')).simulateSeeds(options);
    return (await import('../commands/simulate-trace.ts')).simulateTrace(trace, options);
  });
}

/** Ends with a usage error when an option is given that means nothing here. */
function refuseMixture(command: Command, foreign: readonly Option[], trace: string | undefined): void {
  const given = foreign.find((option) => command.getOptionValueSource(option.attributeName()) === 'cli');
  if (given === undefined) return;
  const why = trace === undefined ? 'needs a trace of jobs' : 'goes without a trace of jobs';
  command.error(`error: option '${given.long ?? ''}' ${why}`, { exitCode: 2 });
}
