import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Under the Apache License 2.0, from PyPI. */
const motoPackage = 'moto[server,ec2,iam]==5.2.5';
/** Ignored by git. */
const folder = fileURLToPath(new URL('../../../.drover/moto', import.meta.url));

/** Sets moto up in a folder of its own, once; gives its Python. Undefined: the machine has no Python. */
export function installMoto(): string | undefined {
  const python = join(folder, 'bin/python');
  const stamp = join(folder, 'lib', `installed-${motoPackage.replaceAll(/[^a-z0-9.]+/g, '-')}`);
  if (existsSync(stamp)) return python;
  if (spawnSync('python3', ['-c', 'import venv, ensurepip'], { stdio: 'ignore' }).status !== 0) return undefined;
  console.error(`setting up ${motoPackage} in ${folder} …`);
  run('python3', ['-m', 'venv', folder]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', motoPackage]);
  mkdirSync(stamp);
  return python;
}

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with exit ${status}`);
}
