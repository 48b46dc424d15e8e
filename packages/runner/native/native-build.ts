import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Its clang and libc make the same bytes on every machine; 0.17.1 is what the checked-in binaries were built with. */
const zigPackage = 'ziglang==0.17.1';

const sourceFolder = fileURLToPath(new URL('src', import.meta.url));
const cacheFolder = fileURLToPath(new URL('../node_modules/.cache/zig', import.meta.url));
/** Where the checked-in binaries and SHA256SUMS are. */
export const helperFolder = fileURLToPath(new URL('bin', import.meta.url));

const targets = [
  { name: 'drover-helper-linux-x64', args: ['-target', 'x86_64-linux-musl', '-static'] },
  { name: 'drover-helper-linux-arm64', args: ['-target', 'aarch64-linux-musl', '-static'] },
  { name: 'drover-helper-darwin-arm64', args: ['-target', 'aarch64-macos'] },
] as const;

/** Builds all platforms into a folder; returns the file names. The first time for a target takes about a minute. */
export function buildHelpers(outputFolder: string): readonly string[] {
  const zig = ensureZig();
  mkdirSync(outputFolder, { recursive: true });
  const sources = readdirSync(sourceFolder)
    .filter((name) => name.endsWith('.c'))
    .toSorted();
  for (const { name, args } of targets) {
    // Relative names: no path of this machine gets into the binary.
    execFileSync(
      zig,
      [
        '-m',
        'ziglang',
        'cc',
        ...args,
        '-std=c11',
        '-Os',
        '-s',
        '-Wall',
        '-Wextra',
        '-Werror',
        ...sources,
        '-o',
        `${outputFolder}/${name}`,
      ],
      { cwd: sourceFolder, env: { ...process.env, ZIG_GLOBAL_CACHE_DIR: `${cacheFolder}/cache` }, stdio: 'inherit' },
    );
  }
  return targets.map(({ name }) => name);
}

/** The Python of a virtual environment that has the compiler. */
function ensureZig(): string {
  const python = `${cacheFolder}/venv/bin/python`;
  if (!existsSync(`${cacheFolder}/venv/${zigPackage}`)) {
    mkdirSync(cacheFolder, { recursive: true });
    execFileSync('python3', ['-m', 'venv', '--clear', `${cacheFolder}/venv`], { stdio: 'inherit' });
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', zigPackage], { stdio: 'inherit' });
    mkdirSync(`${cacheFolder}/venv/${zigPackage}`); // the mark that it is whole
  }
  return python;
}

/** Lower-case hex. */
export function sha256File(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
