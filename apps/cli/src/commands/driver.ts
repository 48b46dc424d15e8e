import type { DriverParameter, DriverRow } from '@drover/dispatcher';
import { type OutputFormat, print } from '../output/print.ts';
import { type Column, renderFacts, renderTable } from '../output/table.ts';
import { note, out } from '../output/terminal.ts';
import { configFile } from './config-file.ts';

export interface DriverOptions {
  readonly config?: string;
  readonly output: OutputFormat;
}

const columns: readonly Column<DriverRow>[] = [
  { title: 'driver', value: ({ name }) => name },
  { title: 'package', value: ({ packageName }) => packageName },
  {
    title: 'needs',
    value: (row) =>
      row.problem === undefined ? namesOf(row.parameters.filter(({ required }) => required)) : row.problem,
  },
  {
    title: 'takes',
    value: (row) =>
      row.problem === undefined ? namesOf(row.parameters.filter(({ required }) => !required)) : undefined,
    wide: true,
  },
];

function namesOf(parameters: readonly DriverParameter[]): string {
  return parameters.map(({ name }) => name).join(', ') || 'nothing';
}

/** `drover driver list` */
export async function listDrivers({ output }: DriverOptions): Promise<void> {
  const items = await (await import('@drover/dispatcher')).listDrivers();
  print(output, { items, columns, name: ({ name }) => name });
}

const parameterColumns: readonly Column<DriverParameter>[] = [
  { title: 'parameter', value: ({ name }) => name },
  { title: 'type', value: ({ type }) => type },
  { title: 'default', value: ({ required, default: standard }) => (required ? 'needed' : defaultText(standard)) },
  { title: 'what it is', value: ({ description }) => description },
];

function defaultText(standard: unknown): string | undefined {
  if (standard === undefined) return undefined;
  return typeof standard === 'string' ? standard : JSON.stringify(standard);
}

/** `drover driver explain NAME` */
export async function explainDriver(name: string, { output }: DriverOptions): Promise<void> {
  const facts = await (await import('@drover/dispatcher')).describeDriver(name);
  print(output, {
    items: facts.parameters,
    columns: parameterColumns,
    name: (parameter) => parameter.name,
    json: facts,
    text: () =>
      [
        renderFacts([
          ['driver', facts.name],
          ['package', facts.packageName],
        ]),
        '',
        renderTable(facts.parameters, parameterColumns),
      ].join('\n'),
  });
}

/** `drover driver permissions NAME`: the document alone on stdout, so that it can be handed to the cloud's own tool. */
export async function showPermissions(name: string, options: DriverOptions): Promise<void> {
  const { driverPermissions, loadConfig } = await import('@drover/dispatcher');
  const config = loadConfig(configFile(options.config), process.env);
  const { kind, document, notes } = await driverPermissions(name, config, process.env);
  if (options.output === 'json') {
    out(JSON.stringify({ driver: name, kind, document, notes }, undefined, 2));
    return;
  }
  out(JSON.stringify(document, undefined, 2));
  note(`that is the ${kind} for ${name}`);
  for (const text of notes) note(`  ${text}`);
}
