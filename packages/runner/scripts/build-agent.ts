import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Where the bundle goes; not in version control. */
export const agentPath = fileURLToPath(new URL('../dist-agent/agent.mjs', import.meta.url));

/**
 * Bundles the agent into one file that needs nothing but Node 20 or later. Takes tens of milliseconds; safe to repeat: an equal
 * file is left alone, another one is replaced in one step, so that nobody ever reads half of it.
 */
export async function buildAgent(outputPath = agentPath): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../src/agent/main.ts', import.meta.url))],
    write: false,
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
  const [bundle] = outputFiles;
  if (bundle === undefined) throw new Error('esbuild made no output');
  if (readText(outputPath) === bundle.text) return;
  mkdirSync(dirname(outputPath), { recursive: true });
  const temporary = `${outputPath}.${process.pid}`;
  try {
    writeFileSync(temporary, bundle.contents);
    renameSync(temporary, outputPath);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function packageVersion(): string {
  const text: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  if (typeof text === 'object' && text !== null && 'version' in text && typeof text.version === 'string') {
    return text.version;
  }
  throw new Error('package.json has no version');
}
