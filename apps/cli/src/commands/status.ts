import { connect, type GlobalOptions } from '../connect/session.ts';
import { print } from '../output/print.ts';
import { renderFacts } from '../output/table.ts';
import { age } from '../output/times.ts';

/** `drover status` */
export async function showStatus(options: GlobalOptions): Promise<void> {
  const client = connect(options);
  const status = await client.status();
  const { containers, instances } = status;
  const counted = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([state, count]) => `${count} ${state}`)
      .join(', ') || 'none';
  print(options.output, {
    items: [status],
    columns: [],
    name: ({ version }) => version,
    json: status,
    text: () =>
      renderFacts([
        ['dispatcher', client.url],
        ['version', status.version],
        ['up for', age(status.startedAtMs)],
        ['health', status.healthy ? (status.ready ? 'ok' : 'not ready') : 'not well'],
        ['notes', status.messages.join('; ') || undefined],
        ['containers', containers === undefined ? 'in Arvados' : counted(containers)],
        ['instances', counted(instances.byState)],
        ['price', `${Number(instances.pricePerHour.toFixed(4))} per hour`],
      ]),
  });
}
