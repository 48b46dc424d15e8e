import { createInterface } from 'node:readline/promises';
import type { CloudTestReport, TargetChoice, VmStep, VmTarget, VmTestResult } from '@drover/dispatcher';
import type { Instance } from '@drover/spec';
import { formatDuration } from '@drover/management-api/units';
import { untilInterrupted } from '../follow/interrupt.ts';
import { Exit, exitCodes } from '../output/exit-code.ts';
import { type OutputFormat, print } from '../output/print.ts';
import { type Column, renderTable } from '../output/table.ts';
import { note, oneLine, paint } from '../output/terminal.ts';
import { usageError } from '../output/usage-error.ts';
import { configFile } from './config-file.ts';

export interface CloudTestOptions {
  readonly config?: string;
  readonly output: OutputFormat;
  readonly type?: readonly string[];
  readonly allTypes?: boolean;
  readonly zone?: string;
  readonly allOfferings?: boolean;
  readonly image?: string;
  readonly command: string;
  readonly parallel: number;
  readonly pause?: boolean;
  readonly destroyExisting?: boolean;
}

/** `drover cloudtest`: 0 when every step of every VM went well and no VM is left. */
export async function runCloudTest(options: CloudTestOptions): Promise<void> {
  if (options.parallel < 1) throw usageError('--parallel must be at least 1');
  if (options.pause === true && !process.stdin.isTTY) throw usageError('--pause needs a terminal to wait on');
  const tests = await import('@drover/dispatcher');
  const config = await tests.loadCheckedConfig(configFile(options.config), process.env);
  const open = await tests.openCloudTest(
    config,
    process.env,
    options.image === undefined ? {} : { imageId: options.image },
  );
  let begun = false;
  let report: CloudTestReport | undefined;
  try {
    const targets = tests.chooseTargets(choiceOf(options), open.instanceTypes, open.context.instanceSet);
    note(`${config.driver.name}: testing ${targets.map(nameOf).join(', ')} as ${open.context.options.instanceSetId}`);
    report = await untilInterrupted(async (signal) => {
      signal.addEventListener('abort', () =>
        note('interrupted: destroying what was created (Ctrl-C again leaves it to --destroy-existing)'),
      );
      const context = {
        ...open.context,
        command: options.command,
        beforeDestroy: (vm: Instance) => pause(options, vm, signal),
        onStep: noteStep,
      };
      const { parallel, destroyExisting = false } = options;
      begun = true;
      return tests.runCloudTest(context, { targets, parallel, destroyExisting, signal });
    });
  } finally {
    await open.close(begun && (report === undefined || report.left.length > 0));
  }
  printReport(report, options.output);
  if (report.interrupted) throw new Exit(exitCodes.interrupted);
  if (!report.ok) throw new Exit(exitCodes.error);
}

function choiceOf({ type, allTypes, zone, allOfferings }: CloudTestOptions): TargetChoice {
  return {
    types: type ?? [],
    allTypes: allTypes ?? false,
    allOfferings: allOfferings ?? false,
    ...(zone === undefined ? {} : { zone }),
  };
}

function nameOf({ offering }: VmTarget): string {
  return offering.id;
}

/** Progress, a line a step. */
function noteStep(target: VmTarget, { step, ok, tookMs, detail, code, fix }: VmStep): void {
  const result = ok ? paint('green', 'ok    ', process.stderr) : paint('red', 'failed', process.stderr);
  note(`  ${nameOf(target)}  ${step.padEnd(8)}  ${result}  ${took(tookMs).padStart(7)}  ${oneLine(detail)}`);
  if (fix !== undefined) note(`      fix: ${oneLine(fix)}   ${code ?? ''}`);
}

async function pause({ pause: wanted }: CloudTestOptions, vm: Instance, signal: AbortSignal): Promise<void> {
  if (wanted !== true) return;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    await prompt.question(`${vm.id} is up at ${vm.address}; Enter destroys it `, { signal });
  } finally {
    prompt.close();
  }
}

function took(ms: number): string {
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)}s` : formatDuration(Math.round(ms / 1_000) * 1_000);
}

const stepColumns: readonly Column<VmStep>[] = [
  { title: 'step', value: ({ step }) => step },
  {
    title: 'result',
    value: ({ ok }) => (ok ? 'ok' : 'failed'),
    style: (text, { ok }) => paint(ok ? 'green' : 'red', text),
  },
  { title: 'took', value: ({ tookMs }) => took(tookMs), align: 'right' },
  { title: 'what', value: ({ detail }) => detail },
];

const vmColumns: readonly Column<VmTestResult>[] = [
  { title: 'type', value: ({ instanceType }) => instanceType },
  { title: 'zone', value: ({ zone }) => zone },
  { title: 'spot', value: ({ preemptible }) => (preemptible ? 'yes' : 'no') },
  {
    title: 'result',
    value: ({ ok }) => (ok ? 'ok' : 'failed'),
    style: (text, { ok }) => paint(ok ? 'green' : 'red', text),
  },
  { title: 'create', value: (vm) => tookOf(vm, 'create'), align: 'right' },
  { title: 'boot', value: ({ bootMs }) => (bootMs === undefined ? undefined : took(bootMs)), align: 'right' },
  { title: 'gone', value: (vm) => tookOf(vm, 'gone'), align: 'right' },
  { title: 'what', value: ({ steps }) => failureOf(steps) },
];

function tookOf({ steps }: VmTestResult, name: VmStep['step']): string | undefined {
  const found = steps.find(({ step }) => step === name);
  return found?.ok === true ? took(found.tookMs) : undefined;
}

function failureOf(steps: readonly VmStep[]): string | undefined {
  const failure = steps.find(({ ok }) => !ok);
  return failure === undefined ? undefined : `${failure.step}: ${failure.detail}`;
}

/** One VM is told step by step, several a line each. */
function printReport(report: CloudTestReport, output: OutputFormat): void {
  const { vms, left, ok, interrupted } = report;
  const [only] = vms;
  print(output, {
    items: vms,
    columns: vmColumns,
    name: ({ offeringId }) => offeringId,
    json: { ok, interrupted, items: vms, left },
    ...(output === 'table' && {
      text: () =>
        only !== undefined && vms.length === 1 ? renderTable(only.steps, stepColumns) : renderTable(vms, vmColumns),
    }),
  });
  if (left.length === 0) note('the cloud lists no VM of the test any more');
  else
    note(
      `${paint('red', 'left behind:', process.stderr)} ${left.join(', ')}; try again with --destroy-existing, or destroy them by hand`,
    );
}
