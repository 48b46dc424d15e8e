import type { SuiteRun, SuiteTest } from '@drover/dispatcher';
import { untilInterrupted } from '../follow/interrupt.ts';
import { Exit, exitCodes } from '../output/exit-code.ts';
import { print } from '../output/print.ts';
import type { Column } from '../output/table.ts';
import { note, oneLine, paint } from '../output/terminal.ts';
import { usageError } from '../output/usage-error.ts';
import { configFile } from './config-file.ts';
import type { DriverOptions } from './driver.ts';

export interface DriverTestOptions extends DriverOptions {
  readonly live?: boolean;
}

const colours = { passed: 'green', failed: 'red', skipped: 'dim' } as const;

const columns: readonly Column<SuiteTest>[] = [
  {
    title: 'result',
    value: ({ result }) => result,
    style: (text, { result }) => paint(colours[result], text),
  },
  { title: 'took', value: ({ tookMs }) => `${(tookMs / 1_000).toFixed(2)}s`, align: 'right' },
  { title: 'test', value: ({ path }) => titleOf(path) },
  { title: 'what', value: ({ errors }) => errors[0] },
];

/** The outermost suite only repeats the name of the driver. */
function titleOf(path: readonly string[]): string {
  return (path.length > 1 && path[0]?.startsWith('conformance of ') === true ? path.slice(1) : path).join(': ');
}

/** `drover driver test NAME`: 0 when every test passed and, live, nothing is left. */
export async function testDriver(name: string, options: DriverTestOptions): Promise<void> {
  const { findSuite, loadCheckedConfig, runSuite, testLive } = await import('@drover/dispatcher');
  const onTest = (test: SuiteTest): void => {
    if (test.result === 'failed') note(`  ${paint('red', 'failed', process.stderr)}  ${oneLine(titleOf(test.path))}`);
  };
  if (options.live === true) {
    const config = await loadCheckedConfig(configFile(options.config), process.env);
    if (config.driver.name !== name)
      throw usageError(`the configuration names the driver ${config.driver.name}, not ${name}`, 'choose it with -c');
    note(`${name}: two VMs of the cheapest type come and go in the real cloud, which may cost money`);
    const run = await untilInterrupted((signal) => testLive(config, process.env, { signal, onTest }));
    return report(run, options, 'the cloud lists no VM of the test any more');
  }
  const file = findSuite(name, process.cwd());
  note(`${name}: running ${file}`);
  const run = await untilInterrupted((signal) => runSuite({ file, signal, onTest }));
  return report(run, options);
}

function report(run: SuiteRun, { output }: DriverTestOptions, last?: string): void {
  const { tests, errors, ok, interrupted } = run;
  print(output, {
    items: tests,
    columns,
    name: ({ path }) => titleOf(path),
    json: { ok, interrupted, items: tests, errors },
  });
  for (const error of errors) note(`${paint(['red', 'bold'], 'error:', process.stderr)} ${oneLine(error)}`);
  const count = (wanted: SuiteTest['result']): number => tests.filter(({ result }) => result === wanted).length;
  note(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
  if (last !== undefined) note(last);
  if (interrupted) throw new Exit(exitCodes.interrupted);
  if (!ok) throw new Exit(exitCodes.error);
}
