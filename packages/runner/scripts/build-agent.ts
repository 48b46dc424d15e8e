import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Where the bundle goes; not in version control. */
export const agentPath = fileURLToPath(new URL('../dist-agent/agent.mjs', import.meta.url));

/** Bundles the agent into one file that needs nothing but Node 20 or later. Takes tens of milliseconds; safe to repeat. */
export async function buildAgent(): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('../src/agent/main.ts', import.meta.url))],
    outfile: agentPath,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    conditions: ['@drover/source'],
    minifySyntax: true,
    define: { bundledVersion: JSON.stringify(packageVersion()) },
    legalComments: 'none',
    logLevel: 'warning',
  });
}

function packageVersion(): string {
  const text: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  if (typeof text === 'object' && text !== null && 'version' in text && typeof text.version === 'string') {
    return text.version;
  }
  throw new Error('package.json has no version');
}
