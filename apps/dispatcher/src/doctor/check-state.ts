import { accessSync, constants, statfsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { formatSize } from '@drover/management-api/units';
import { checkQueue } from '@drover/queue-sqlite';
import type { ConfigFile } from '../config/config-schema.ts';
import { type DoctorCheck, failed, ok } from './doctor-check.ts';
import { nearestFolder } from './nearest-folder.ts';

const setting = 'stateDirectory';
/** With less than the first a start fails soon, with less than the second somebody should look. */
const tooLittleBytes = 100 * 1024 ** 2;
const littleBytes = 1024 ** 3;

/** Can the state directory be made or used, is it private, and is there room? */
export function checkStateDirectory(config: ConfigFile): DoctorCheck {
  const path = resolve(config.stateDirectory);
  const nearest = nearestFolder(path);
  const exists = nearest === path;
  try {
    accessSync(nearest, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    const message = exists
      ? `${path} is not to be read and written by this user`
      : `${path} cannot be made: this user may not write to ${nearest}`;
    return { subject: 'state', outcome: 'failed', message, setting, fix: 'choose another folder' };
  }
  if (exists && (statSync(path).mode & 0o022) !== 0) {
    const message = `others may write to ${path}`;
    return { subject: 'state', outcome: 'failed', message, setting, fix: 'take their right with chmod go-w' };
  }
  const { bavail, bsize } = statfsSync(nearest);
  const free = bavail * bsize;
  const found = `${path} ${exists ? 'is there' : 'can be made'}, ${formatSize(free)} free`;
  if (free >= littleBytes) return ok('state', found);
  const outcome = free < tooLittleBytes ? 'failed' : 'warning';
  const fix = 'free some space: the queue and the logs of all containers are kept there';
  return { subject: 'state', outcome, message: found, setting, fix };
}

/** Is the queue database whole, of this drover's schema, and on a local disk? */
export function checkQueueFile(config: ConfigFile): DoctorCheck {
  const { path } = config.queue;
  const file = path ?? join(config.stateDirectory, 'queue.db');
  try {
    const nearest = nearestFolder(dirname(file));
    const finding = checkQueue(nearest === resolve(dirname(file)) ? file : join(nearest, 'queue.db'));
    if (finding.kind === 'absent') return ok('queue', `${file} does not exist yet; the first start makes it`);
    const schema = finding.schema === 'older' ? ', of an older drover: the next start brings it up to date' : '';
    return ok('queue', `${file} is whole, ${formatSize(finding.sizeBytes)}${schema}`);
  } catch (error) {
    return failed('queue', error, path === undefined ? setting : 'queue.path');
  }
}
