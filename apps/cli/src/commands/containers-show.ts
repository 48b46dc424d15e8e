import type { Attempt, ContainerRecord } from '@drover/spec';
import { formatDuration, formatSize } from '@drover/management-api/units';
import { connect, type GlobalOptions } from '../connect/session.ts';
import { outcomeText, resultText } from '../follow/outcome.ts';
import { print } from '../output/print.ts';
import { paintState } from '../output/states.ts';
import { type Column, renderFacts, renderTable } from '../output/table.ts';
import { oneLine } from '../output/terminal.ts';
import { moment, span } from '../output/times.ts';

const attemptColumns: readonly Column<Attempt>[] = [
  { title: 'attempt', value: ({ generation }) => generation, align: 'right' },
  { title: 'instance', value: ({ instanceId }) => instanceId },
  { title: 'type', value: ({ instanceType }) => instanceType },
  { title: 'locked', value: ({ lockedAtMs }) => moment(lockedAtMs) },
  { title: 'run time', value: ({ startedAtMs, endedAtMs }) => span(startedAtMs, endedAtMs), align: 'right' },
  {
    title: 'outcome',
    value: ({ result, outcome, detail }) => (result === undefined ? (detail ?? outcome) : resultText(result)),
  },
];

/** `drover containers show` */
export async function showContainer(uuid: string, options: GlobalOptions): Promise<void> {
  const record = await connect(options).get(uuid);
  print(options.output, {
    items: [record],
    columns: [],
    name: (item) => item.uuid,
    json: record,
    text: () => recordText(record),
  });
}

function recordText(record: ContainerRecord): string {
  const { spec } = record;
  const { resources, scheduling, retry } = spec;
  const facts = renderFacts([
    ['uuid', record.uuid],
    ['name', spec.name],
    ['state', record.state],
    ['outcome', outcomeText(record)],
    ['command', spec.command.map(shellWord).join(' ')],
    ['image', spec.image],
    ['folder', spec.cwd],
    ['environment', Object.keys(spec.env).join(' ') || undefined],
    ['vcpus', resources.vcpus],
    ['ram', formatSize(resources.ramBytes)],
    ['scratch', resources.scratchBytes.map(formatSize).join(' + ') || undefined],
    ['gpu', resources.gpu === undefined ? undefined : `${resources.gpu.count} × ${resources.gpu.stack}`],
    ['priority', record.priority],
    ['preemptible', String(scheduling.preemptible)],
    ['run time limit', scheduling.maxRunTimeMs === undefined ? undefined : formatDuration(scheduling.maxRunTimeMs)],
    ['attempts', `${record.attempts.length} so far, ${retry.attempts} of its own at most`],
    ['submitted', moment(record.submittedAtMs)],
    ['finished', moment(record.finishedAtMs)],
  ]);
  const painted = facts.replace(/^(.*state.*? {2})(\S+)$/m, (_, key: string, state: string) => {
    return `${key}${paintState(state, record.state)}`;
  });
  return record.attempts.length === 0 ? painted : `${painted}\n\n${renderTable(record.attempts, attemptColumns)}`;
}

/** An argument as one would type it into a shell. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${oneLine(text).replaceAll("'", `'\\''`)}'`;
}
