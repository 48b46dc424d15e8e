import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildBundle } from '../scripts/build-bundle.ts';
import { isFresh, readStamp, writeStamp } from '../scripts/bundle-stamp.ts';
import { parsed } from './cli-session.ts';
import { runCli, startCli } from './run-cli.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder: string;
let main: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'drover-bundle-'));
  main = join(folder, 'bundle', 'lib', 'main.js');
  await buildBundle(join(folder, 'bundle'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the bundle', () => {
  it('runs a container on a VM of this machine: all that is started beside the command is in it', async () => {
    const dev = startCli(['dev', '--port', '0'], { cwd: folder, main });
    await dev.saw('drover is ready');
    const ran = await runCli(['run', '-q', '--', 'sh', '-c', 'echo hello; exit 3'], { cwd: folder, main });
    expect(ran).toEqual({ stdout: 'hello\n', stderr: '', exitCode: 3 });
    dev.child.kill('SIGINT');
    expect((await dev.done).exitCode).toBe(0);
  });

  it('is the version of the sources', async () => {
    const [bundled, source] = await Promise.all(
      [{ main }, {}].map(async (options) => runCli(['version', '-o', 'json'], options)),
    );
    expect(parsed(bundled?.stdout ?? '')).toEqual(parsed(source?.stdout ?? ''));
  });

  it('is made again only when something has changed', async () => {
    const made = statSync(join(folder, 'bundle', 'stamp.json')).mtimeMs;
    await buildBundle(join(folder, 'bundle'));
    expect(statSync(join(folder, 'bundle', 'stamp.json')).mtimeMs).toBe(made);
  });
});

describe('a stamp', () => {
  it.each([
    ['has changed', (path: string) => writeFileSync(path, 'longer')],
    ['has been written again', (path: string) => utimesSync(path, 1, 1)],
    ['is gone', (path: string) => rmSync(path)],
  ])('is out of date when a file %s', (_what, change) => {
    const at = mkdtempSync(join(folder, 'stamp-'));
    const path = join(at, 'source.ts');
    writeFileSync(path, 'short');
    writeStamp(at, [path], ['lib/a.js']);
    const stamp = readStamp(at);
    expect(stamp?.outputs).toEqual(['lib/a.js']);
    expect(stamp !== undefined && isFresh(at, stamp)).toBe(true);
    change(path);
    expect(stamp !== undefined && isFresh(at, stamp)).toBe(false);
  });

  it('that cannot be read is none', () => {
    const at = mkdtempSync(join(folder, 'stamp-'));
    expect(readStamp(at)).toBeUndefined();
    writeFileSync(join(at, 'stamp.json'), '{"inputs"');
    expect(readStamp(at)).toBeUndefined();
  });
});
