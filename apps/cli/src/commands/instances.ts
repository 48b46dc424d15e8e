import type { IdleBehavior, InstanceView } from '@drover/spec';
import { formatSize } from '@drover/management-api/units';
import { connect, type GlobalOptions } from '../connect/session.ts';
import { confirmed } from '../output/confirm.ts';
import { print } from '../output/print.ts';
import { paintState } from '../output/states.ts';
import { type Column, renderFacts } from '../output/table.ts';
import { note } from '../output/terminal.ts';
import { age, moment } from '../output/times.ts';

export interface InstanceActionOptions extends GlobalOptions {
  readonly reason?: string;
  readonly yes?: boolean;
}

const columns: readonly Column<InstanceView>[] = [
  { title: 'instance', value: ({ instanceId }) => instanceId || '(creating)' },
  { title: 'type', value: ({ instanceType }) => instanceType },
  { title: 'state', value: ({ state }) => state, style: (text, { state }) => paintState(text, state) },
  { title: 'behavior', value: ({ idleBehavior }) => idleBehavior },
  { title: 'containers', value: ({ containers }) => containers.length, align: 'right' },
  { title: '$/h', value: ({ pricePerHour }) => pricePerHour, align: 'right' },
  { title: 'age', value: ({ createdAtMs }) => age(createdAtMs), align: 'right' },
  { title: 'last busy', value: ({ lastBusyAtMs }) => age(lastBusyAtMs), align: 'right' },
  { title: 'address', value: ({ address }) => address, wide: true },
  { title: 'vcpus', value: ({ vcpus }) => vcpus, wide: true, align: 'right' },
  { title: 'ram', value: ({ ramBytes }) => formatSize(ramBytes), wide: true, align: 'right' },
  { title: 'provider type', value: ({ providerType }) => providerType, wide: true },
  { title: 'running', value: ({ containers }) => containers.join(' '), wide: true },
  { title: 'note', value: ({ note }) => note },
];

/** `drover instances list` */
export async function listInstances(options: GlobalOptions): Promise<void> {
  const items = await connect(options).instances();
  const isTable = options.output === 'table' || options.output === 'wide';
  if (items.length === 0 && isTable) return note('no instances');
  print(options.output, { items, columns, name: ({ instanceId }) => instanceId });
}

/** `drover instances show` */
export async function showInstance(id: string, options: GlobalOptions): Promise<void> {
  const view = await connect(options).instance(id);
  print(options.output, {
    items: [view],
    columns,
    name: ({ instanceId }) => instanceId,
    json: view,
    text: () => instanceText(view),
  });
}

/** `drover instances hold|drain|run|kill` */
export async function actOnInstances(
  action: IdleBehavior | 'kill',
  ids: readonly string[],
  options: InstanceActionOptions,
): Promise<void> {
  if (action === 'kill') {
    await confirmed(`kill ${ids.join(', ')} and everything that runs there?`, options.yes);
  }
  const client = connect(options);
  const done: { readonly instanceId: string; readonly action: string }[] = [];
  for (const instanceId of ids) {
    await client.act(instanceId, action, options.reason);
    done.push({ instanceId, action });
    if (options.output === 'table') note(`${instanceId}: ${action}`);
  }
  if (options.output === 'table') return;
  const actionColumns: readonly Column<(typeof done)[number]>[] = [
    { title: 'instance', value: ({ instanceId }) => instanceId },
    { title: 'action', value: (item) => item.action },
  ];
  print(options.output, { items: done, columns: actionColumns, name: ({ instanceId }) => instanceId });
}

function instanceText(view: InstanceView): string {
  return renderFacts([
    ['instance', view.instanceId],
    ['address', view.address],
    ['state', view.state],
    ['behavior', view.idleBehavior],
    ['note', view.note],
    ['type', `${view.instanceType} (${view.providerType})`],
    ['vcpus', view.vcpus],
    ['ram', formatSize(view.ramBytes)],
    ['price', `${view.pricePerHour} per hour`],
    ['created', moment(view.createdAtMs)],
    ['last busy', moment(view.lastBusyAtMs)],
    ['last container', view.lastContainerUuid],
    ['running', view.containers.join(' ') || undefined],
  ]);
}
