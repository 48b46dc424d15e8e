import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type OutputFile } from 'esbuild';
import { isFresh, readStamp, writeStamp } from './bundle-stamp.ts';
import { replaceFile } from './replace-file.ts';

/** Where `bin/drover.js` looks; not in version control, but in the published package. */
export const bundleFolder = fileURLToPath(new URL('../dist-bundle', import.meta.url));

const root = fileURLToPath(new URL('../../../', import.meta.url));
const runnerFolder = join(root, 'packages/runner');
/** The agent is made by the runner's own script. */
const runnerFiles = [
  'dist-agent/agent.mjs',
  ...readdirSync(join(runnerFolder, 'native/bin')).map((name) => `native/bin/${name}`),
];

/**
 * Bundles the command, the dispatcher in it, the queue's worker and the program of a loopback VM: what users run. Code that nobody
 * calls is left out, and no types have to be stripped, which saves a third of the resident size of a dispatcher at rest and half of
 * its start. The names of functions stay, so that stack traces can be read; `node --enable-source-maps` gives the lines as well.
 * Takes half a second, and nothing when no source has changed since.
 */
export async function buildBundle(folder: string): Promise<void> {
  const former = readStamp(folder);
  if (former !== undefined && isFresh(folder, former)) return;
  const { outputFiles, metafile } = await build({
    // Named as the sources look for each other: beside their own file.
    entryPoints: {
      main: 'apps/cli/src/main.ts',
      worker: 'packages/queue-sqlite/src/worker.ts',
      'vm/main': 'packages/driver-loopback/src/vm/main.ts',
    },
    absWorkingDir: root,
    outdir: join(folder, 'lib'),
    write: false,
    metafile: true,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    conditions: ['@drover/source'],
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: 'linked',
    legalComments: 'none',
    // ssh2 tries native add-ons and does without them; vitest is the driver author's.
    external: ['*.node', 'cpu-features', 'vitest'],
    banner: { js: commonJsNames },
    logLevel: 'warning',
  });
  for (const path of runnerFiles) replaceFile(join(folder, path), readFileSync(join(runnerFolder, path)));
  const outputs = writeOutputs(folder, outputFiles);
  removeAllBut(new Set([...outputs, ...(former?.outputs ?? [])]), folder);
  const scripts = readdirSync(import.meta.dirname).map((name) => join(import.meta.dirname, name));
  const inputs = [...Object.keys(metafile.inputs), 'pnpm-lock.yaml'].map((path) => join(root, path));
  writeStamp(folder, [...inputs, ...scripts, ...runnerFiles.map((path) => join(runnerFolder, path))], outputs);
}

/** What modules in CommonJS (ssh2, pino) expect to find. */
const commonJsNames =
  "import { createRequire as createBundleRequire } from 'node:module';" +
  'const require = createBundleRequire(import.meta.url), ' +
  '__filename = import.meta.filename, __dirname = import.meta.dirname;';

/** Writes chunks before the entry points that import them. Returns the paths below `folder`. */
function writeOutputs(folder: string, files: readonly OutputFile[]): readonly string[] {
  const named = files.map(({ path, contents }) => ({ path: relative(folder, path), contents }));
  const isEntry = (path: string): boolean => /[/\\](main|worker)\.js$/.test(path);
  for (const { path, contents } of named.toSorted((a, b) => Number(isEntry(a.path)) - Number(isEntry(b.path)))) {
    replaceFile(join(folder, path), contents);
  }
  return named.map(({ path }) => path);
}

/** The chunks of the build before are among the kept: a dispatcher that still runs may not have loaded all of its own. */
function removeAllBut(kept: ReadonlySet<string>, folder: string): void {
  for (const entry of readdirSync(join(folder, 'lib'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !kept.has(relative(folder, path))) rmSync(path, { force: true });
  }
}
