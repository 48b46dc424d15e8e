import type { InstanceType } from '@drover/spec';
import { formatSize } from '@drover/management-api/units';
import { connect, type GlobalOptions } from '../connect/session.ts';
import { Exit, exitCodes } from '../output/exit-code.ts';
import { print } from '../output/print.ts';
import { type Column, renderTable } from '../output/table.ts';
import { note, paint } from '../output/terminal.ts';
import { readContainerFile } from './read-container-file.ts';

const columns: readonly Column<InstanceType>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'vcpus', value: ({ vcpus }) => vcpus, align: 'right' },
  { title: 'ram', value: ({ ramBytes }) => formatSize(ramBytes), align: 'right' },
  { title: 'scratch', value: ({ scratchBytes }) => formatSize(scratchBytes), align: 'right' },
  {
    title: 'gpu',
    value: ({ gpu }) => (gpu === undefined ? undefined : `${gpu.count} × ${gpu.stack} ${gpu.hardwareTarget}`),
  },
  { title: '$/h', value: ({ pricePerHour }) => pricePerHour, align: 'right' },
  { title: 'spot', value: ({ preemptible }) => (preemptible ? 'yes' : 'no') },
  { title: 'provider type', value: ({ providerType }) => providerType },
];

/** `drover types list` */
export async function listTypes(options: GlobalOptions): Promise<void> {
  const items = await connect(options).types();
  print(options.output, { items, columns, name: ({ name }) => name });
}

interface Verdict {
  readonly instanceType: string;
  readonly fits: boolean;
  readonly message: string;
}

/** `drover types explain FILE`: which types fit a container, and why the others do not. */
export async function explainTypes(file: string, options: GlobalOptions): Promise<void> {
  const { eligibleTypes, rejections } = await connect(options).explainTypesText(await readContainerFile(file));
  const verdicts: readonly Verdict[] = [
    ...eligibleTypes.map((instanceType) => ({ instanceType, fits: true, message: 'fits' })),
    ...rejections.map(({ instanceType, message }) => ({ instanceType, fits: false, message })),
  ];
  print(options.output, {
    items: verdicts,
    columns: [],
    name: ({ instanceType }) => instanceType,
    json: { eligibleTypes, rejections },
    text: () => verdictTable(verdicts),
  });
  if (eligibleTypes.length > 0) return;
  note('no configured type fits');
  throw new Exit(exitCodes.notSchedulable);
}

function verdictTable(verdicts: readonly Verdict[]): string {
  return renderTable(verdicts, [
    { title: 'type', value: ({ instanceType }) => instanceType },
    {
      title: 'verdict',
      value: ({ message }) => message,
      style: (text, { fits }) => paint(fits ? 'green' : 'red', text),
    },
  ]);
}
