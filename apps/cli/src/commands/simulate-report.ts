import { formatDuration } from '@drover/management-api/units';
import type { ReplayReport, TypeUse } from '@drover/simulator';
import type { Column } from '../output/table.ts';

/** One line for each configuration. */
export const comparisonColumns: readonly Column<ReplayReport>[] = [
  { title: 'configuration', value: ({ configuration }) => configuration },
  { title: 'cost', value: ({ cost }) => money(cost.total), align: 'right' },
  { title: 'spot', value: ({ cost }) => money(cost.spot), align: 'right' },
  { title: 'wait p50', value: ({ waits }) => formatDuration(waits.p50Ms), align: 'right' },
  { title: 'p95', value: ({ waits }) => formatDuration(waits.p95Ms), align: 'right' },
  { title: 'max', value: ({ waits }) => formatDuration(waits.maxMs), align: 'right' },
  { title: 'used', value: ({ utilisation }) => percent(utilisation.vcpus), align: 'right' },
  { title: 'vm-hours', value: ({ hours }) => hours.total.toFixed(1), align: 'right' },
  { title: 'busy', value: ({ hours }) => percent(hours.busy / hours.total), align: 'right' },
  { title: 'idle', value: ({ hours }) => percent(hours.idle / hours.total), align: 'right' },
  { title: 'boot', value: ({ hours }) => percent(hours.boot / hours.total), align: 'right' },
  { title: 'vms', value: (report) => vmsOf(report), align: 'right' },
  { title: 'most', value: ({ peakInstances }) => peakInstances, align: 'right' },
  { title: 'interrupted', value: ({ interruptions }) => interruptions.runs, align: 'right' },
  {
    title: 'lost hours',
    value: ({ interruptions }) => interruptions.lostRunHours.toFixed(1),
    align: 'right',
    wide: true,
  },
  { title: 'all done', value: ({ makespanMs }) => formatDuration(makespanMs), align: 'right' },
  { title: 'never ran', value: ({ jobs }) => jobs.unsatisfiable + jobs.unfinished + jobs.givenUp, align: 'right' },
  { title: 'ram used', value: ({ utilisation }) => percent(utilisation.ram), align: 'right', wide: true },
  { title: 'mean wait', value: ({ waits }) => formatDuration(waits.meanMs), align: 'right', wide: true },
  { title: 'took', value: ({ tookSeconds }) => `${(tookSeconds ?? 0).toFixed(1)}s`, align: 'right', wide: true },
];

/** One line for each instance type of one configuration. */
export const typeColumns: readonly Column<TypeUse>[] = [
  { title: 'instance type', value: ({ instanceType }) => instanceType },
  { title: 'spot', value: ({ preemptible }) => (preemptible ? 'yes' : 'no') },
  { title: 'vms', value: ({ vms }) => vms, align: 'right' },
  { title: 'vm-hours', value: ({ vmHours }) => vmHours.toFixed(1), align: 'right' },
  { title: 'cost', value: ({ cost }) => money(cost), align: 'right' },
];

function vmsOf({ types }: ReplayReport): number {
  return types.reduce((sum, { vms }) => sum + vms, 0);
}

function money(amount: number): string {
  return amount.toFixed(2);
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(share * 100)}%` : '-';
}
