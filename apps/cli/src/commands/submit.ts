import { randomUUID } from 'node:crypto';
import { connect, type GlobalOptions } from '../connect/session.ts';
import { print } from '../output/print.ts';
import { note } from '../output/terminal.ts';
import { waitAndPrint } from './containers-wait.ts';
import { readContainerFile } from './read-container-file.ts';

export interface SubmitOptions extends GlobalOptions {
  readonly wait?: boolean;
  readonly idempotencyKey?: string;
}

/** `drover submit FILE`: one or many containers, all or none. */
export async function submitFile(file: string, options: SubmitOptions): Promise<void> {
  const source = await readContainerFile(file);
  const client = connect(options);
  const idempotencyKey = options.idempotencyKey ?? randomUUID();
  const uuids = await client.submitText(source, { idempotencyKey });
  note(`submitted ${uuids.length === 1 ? 'one container' : `${uuids.length} containers`}`);
  if (options.wait === true) return waitAndPrint(client, uuids, options);
  const items = uuids.map((uuid, index) => ({ uuid, name: source.containers[index]?.name ?? '' }));
  const columns = [
    { title: 'uuid', value: (item: (typeof items)[number]) => item.uuid },
    { title: 'name', value: (item: (typeof items)[number]) => item.name },
  ];
  print(options.output, { items, columns, name: ({ uuid }) => uuid });
}
