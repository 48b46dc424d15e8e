import type { Command } from 'commander';
import type { SimulateTraceOptions } from '../commands/simulate-trace.ts';
import { collect, seconds, wholeNumber } from './argument-values.ts';
import { withOutput } from './leaf.ts';

/** `drover simulate`: what another configuration would have cost, and how long its users would have waited. */
export function addSimulateCommands(program: Command): void {
  withOutput(
    program.command('simulate <trace>').description('replay a trace of jobs: what would another configuration do?'),
  )
    .option('-c, --config <file>', 'a configuration; repeat it to compare several (default: drover.yaml)', collect)
    .option('--set <key=value>', 'change a setting of all of them, e.g. pool.maxInstances=20; may be repeated', collect)
    .option(
      '--vary <key=values>',
      'compare values of a setting, e.g. pool.timeoutIdle=1m,10m; may be repeated',
      collect,
    )
    .option('--svg <file>', 'draw the comparison as well')
    .option('--boot-time <duration>', 'from a create to a VM that answers (default: as recorded, else 1m)', seconds)
    .option('--spot-life <duration>', 'mean life of a spot VM (default: as recorded, else 24h)', seconds)
    .option('--quota <count>', 'VMs that the cloud allows in all', wholeNumber)
    .option('--seed <number>', 'of chance: boot times, interruptions (default 1)', wholeNumber)
    .action(async (trace: string, options: SimulateTraceOptions) =>
      (await import('../commands/simulate-trace.ts')).simulateTrace(trace, options),
    );
}
