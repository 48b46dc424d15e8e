import { connect, type GlobalOptions } from '../connect/session.ts';
import { confirmed } from '../output/confirm.ts';
import { print } from '../output/print.ts';
import { note } from '../output/terminal.ts';

export interface CancelOptions extends GlobalOptions {
  readonly reason?: string;
  readonly yes?: boolean;
}

/** `drover containers cancel` */
export async function cancelContainers(uuids: readonly string[], options: CancelOptions): Promise<void> {
  await confirmed(`cancel ${uuids.length === 1 ? uuids[0] : `${uuids.length} containers`}?`, options.yes);
  const client = connect(options);
  const cancelled: { readonly uuid: string }[] = [];
  for (const uuid of uuids) {
    await client.cancel(uuid, options.reason);
    cancelled.push({ uuid });
    if (options.output === 'table') note(`asked to cancel ${uuid}`);
  }
  if (options.output === 'table') return;
  const columns = [{ title: 'uuid', value: (item: { readonly uuid: string }) => item.uuid }];
  print(options.output, { items: cancelled, columns, name: ({ uuid }) => uuid });
}

/** `drover containers priority` */
export async function setPriority(uuid: string, priority: number, options: CancelOptions): Promise<void> {
  await connect(options).setPriority(uuid, priority, options.reason);
  const columns = [
    { title: 'uuid', value: () => uuid },
    { title: 'priority', value: () => priority },
  ];
  print(options.output, { items: [{ uuid, priority }], columns, name: () => uuid, json: { uuid, priority } });
}
