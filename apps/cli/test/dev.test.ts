import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCli, startCli } from './run-cli.ts';

vi.setConfig({ testTimeout: 90_000 });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-dev-'));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

describe('drover dev --example', () => {
  it('runs real containers on real VMs of this machine, prints every result, and leaves nothing', async () => {
    const { stdout, stderr, exitCode } = await runCli(['dev', '--example'], { cwd: folder });
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('all as expected (2 were made to fail)')]);
    const [titles, ...rows] = stdout.trimEnd().split('\n');
    expect(titles).toMatch(/^NAME +STATE +EXIT +VM +WAIT +RUN +FIRST LINE OF ITS LOG$/);
    expect(rows).toHaveLength(12);
    expect(stdout).toMatch(/ vm-[0-9a-f]+ /);
    expect(rows).toContainEqual(expect.stringMatching(/^greeting +Complete +0 +\S+ .* hello, world$/));
    expect(rows).toContainEqual(expect.stringMatching(/^exit-3 +Complete +3 +\S+ .* about to fail$/));
    expect(rows).toContainEqual(expect.stringMatching(/^killed +Complete +SIGKILL +\S+ .* about to die$/));
    await expect(access(join(folder, '.drover', 'endpoint.json'))).rejects.toThrow('ENOENT');
    expect(await vmFolders()).toEqual([]);
  });
});

describe('drover dev', () => {
  it('serves the commands of this folder until Ctrl-C', async () => {
    const dev = startCli(['dev', '--port', '0'], { cwd: folder });
    await dev.saw('drover is ready at http://127.0.0.1:');
    const endpoint: unknown = JSON.parse(await readFile(join(folder, '.drover', 'endpoint.json'), 'utf8'));
    expect(endpoint).toMatchObject({ url: expect.stringMatching(/^http:/), token: expect.any(String) });
    const script = 'echo hello from $PLACE; echo oops >&2; exit 5';
    const ran = await runCli(['run', '-q', '-e', 'PLACE=here', '--', 'sh', '-c', script], { cwd: folder });
    expect(ran).toEqual({ stdout: 'hello from here\n', stderr: 'oops\n', exitCode: 5 });
    const listed = await runCli(['containers', 'list', '-o', 'json'], { cwd: folder });
    expect(JSON.parse(listed.stdout)).toMatchObject({ items: [{ state: 'Complete', exitCode: 5 }] });
    dev.child.kill('SIGINT');
    const { exitCode, stdout } = await dev.done;
    expect([exitCode, stdout]).toEqual([0, '']);
    expect(await vmFolders()).toEqual([]);
  });

  it('goes on when nobody reads its log any more', async () => {
    const dev = startCli(['dev', '--port', '0', '--log-level', 'debug'], { cwd: folder });
    await dev.saw('drover is ready');
    dev.child.stdout?.destroy();
    dev.child.stderr?.destroy();
    const ran = await runCli(['run', '-q', '--', 'echo', 'still here'], { cwd: folder });
    expect(ran).toMatchObject({ stdout: 'still here\n', exitCode: 0 });
    dev.child.kill('SIGTERM');
    expect((await dev.done).exitCode).toBe(0);
    expect(await vmFolders()).toEqual([]);
  });

  it('says that another dispatcher has this folder', async () => {
    const dev = startCli(['dev', '--port', '0'], { cwd: folder });
    await dev.saw('drover is ready');
    const second = await runCli(['dev', '--port', '0'], { cwd: folder });
    expect([second.exitCode, second.stderr]).toEqual([1, expect.stringContaining('QUEUE_IN_USE')]);
    dev.child.kill('SIGTERM');
    expect((await dev.done).exitCode).toBe(0);
  });
});

describe('a dispatcher that has lost its queue to another', () => {
  it('ends by itself, as a failure', async () => {
    const dev = startCli(['dev', '--port', '0'], { cwd: folder });
    await dev.saw('drover is ready');
    const database = new DatabaseSync(join(folder, '.drover', 'queue.db'));
    database.exec("UPDATE meta SET value = value + 1 WHERE key = 'epoch'");
    database.close();
    await runCli(['run', '--detach', '--', 'true'], { cwd: folder });
    const { exitCode, stderr } = await dev.done;
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('QUEUE_IN_USE')]);
  });
});

/** Folders of loopback VMs that are still there. */
async function vmFolders(): Promise<readonly string[]> {
  const all = await readdir(join(folder, '.drover', 'loopback'), { recursive: true });
  return all.filter((path) => /(^|\/)vm-[0-9a-f]+$/.test(path));
}
