import { readFileSync } from 'node:fs';
import { print, type OutputFormat } from '../output/print.ts';

/** The version in this package's manifest. */
export function droverVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const isManifest = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return isManifest && typeof manifest.version === 'string' ? manifest.version : 'unknown';
}

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
