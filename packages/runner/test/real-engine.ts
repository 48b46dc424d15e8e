import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { onLinux } from './test-vm.ts';

/** What the commands of these tests need inside the image. */
const programs = ['sh', 'sleep', 'tail'];

/**
 * A container engine that is really there, with an image of this machine's own shell (nothing is pulled). What docker or podman
 * store for it is removed with it.
 */
export interface RealEngine {
  readonly name: 'docker' | 'podman';
  /** Can it run a container on this machine? Where not, stderr says why. */
  readonly available: boolean;
  /** Does it learn that a container had too little memory? */
  readonly tellsOom: boolean;
  readonly image: string;
  /** For the agent, and for `ask`. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs the client program and returns what it printed. */
  ask(...args: readonly string[]): string;
  dispose(): void;
}

/** Tries it with a first container. */
export function openRealEngine(name: 'docker' | 'podman'): RealEngine {
  const folder = mkdtempSync(`${tmpdir()}/drover-${name}-`);
  const env = name === 'podman' ? podmanEnv(folder) : {};
  const image = `localhost/drover-test-${process.pid}:1`;
  const ask = (...args: readonly string[]): string =>
    execFileSync(name, args, { env: { ...process.env, ...env }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const dispose = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    if (!onLinux) throw new Error('it is no Linux');
    ask('import', rootFileSystem(folder), image);
    ask('run', '--rm', '--entrypoint=sh', image, '-c', 'true');
  } catch (error) {
    process.stderr.write(
      `SKIPPED: the tests with a real ${name}, which cannot run a container here: ${reason(error)}\n`,
    );
    dispose();
    return { name, available: false, tellsOom: false, image, env, ask, dispose: () => {} };
  }
  const tellsOom = name === 'docker' || ask('info', '--format={{.Host.CgroupsVersion}}').trim() === 'v2';
  if (!tellsOom)
    process.stderr.write(`SKIPPED: too little memory under ${name}, which sees it with cgroup version 2 only\n`);
  return {
    name,
    available: true,
    tellsOom,
    image,
    env,
    ask,
    dispose: () => {
      ask('rmi', '--force', image);
      dispose();
    },
  };
}

/** Storage of our own; limits that any machine grants; runc where it is: crun refuses machines that mount both versions of cgroups. */
function podmanEnv(folder: string): Readonly<Record<string, string>> {
  const hasRunc = ['/usr/bin/runc', '/usr/sbin/runc'].some((path) => existsSync(path));
  writeFileSync(
    `${folder}/storage.conf`,
    `[storage]\ndriver = "vfs"\nrunroot = "${folder}/run"\ngraphroot = "${folder}/graph"\n`,
  );
  writeFileSync(
    `${folder}/containers.conf`,
    '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\nnetns = "host"\n' +
      (hasRunc ? '[engine]\nruntime = "runc"\n' : ''),
  );
  return { CONTAINERS_STORAGE_CONF: `${folder}/storage.conf`, CONTAINERS_CONF: `${folder}/containers.conf` };
}

/** An archive with this machine's programs and the libraries that `ldd` names for them. */
function rootFileSystem(folder: string): string {
  const root = `${folder}/root`;
  mkdirSync(`${root}/bin`, { recursive: true });
  for (const program of programs) {
    const file = realpathSync(`/bin/${program}`);
    copyFileSync(file, `${root}/bin/${program}`);
    for (const [library] of execFileSync('ldd', [file], { encoding: 'utf8' }).matchAll(/\/\S+/g)) {
      mkdirSync(dirname(`${root}${library}`), { recursive: true });
      copyFileSync(library, `${root}${library}`);
    }
  }
  execFileSync('tar', ['--create', `--file=${folder}/root.tar`, `--directory=${root}`, '.']);
  return `${folder}/root.tar`;
}

function reason(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return said === '' ? String(error) : said;
}
