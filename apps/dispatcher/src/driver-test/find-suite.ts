import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DroverError } from '@drover/spec';
import { driverPackage } from '../load-driver.ts';

/**
 * The file with which a driver is tried against a fake of its cloud: what its package exports as `./conformance`, found from here or
 * from the folder in which the command was given (there also when that is the package's own).
 * @throws DroverError DRIVER_NOT_OFFERED
 */
export function findSuite(name: string, folder: string): string {
  const specifier = `${driverPackage(name)}/conformance`;
  const resolvers = [
    () => fileURLToPath(import.meta.resolve(specifier)),
    () => createRequire(join(folder, 'driver-test.js')).resolve(specifier),
  ];
  for (const resolve of resolvers) {
    const path = resolved(resolve);
    if (path !== undefined && existsSync(path)) return path;
  }
  throw new DroverError('DRIVER_NOT_OFFERED', `the driver ${name} ships no fake of its cloud to be tried against`, {
    fix: 'add --live -c FILE to try it against the real one; a package offers a fake by exporting "./conformance"',
  });
}

function resolved(resolve: () => string): string | undefined {
  try {
    return resolve();
  } catch {
    return undefined;
  }
}
