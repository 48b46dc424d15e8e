import { print, type OutputFormat } from '../output/print.ts';
import { droverVersion } from '../program/drover-version.ts';

/** `drover version` */
export function showVersion(options: { readonly output: OutputFormat }): void {
  const item = { version: droverVersion(), node: process.versions.node };
  print(options.output, {
    items: [item],
    columns: [],
    name: ({ version }) => version,
    json: item,
    text: () => `drover ${item.version} (Node ${item.node})`,
  });
}
