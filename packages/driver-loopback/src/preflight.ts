import { accessSync, constants, readFileSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, totalmem } from 'node:os';
import type { CheckResult, PreflightRequest } from '@drover/spec';
import { canIsolate } from './isolation.ts';
import type { LoopbackParams } from './params.ts';

/** What is looked at. */
export interface PreflightSurroundings {
  readonly params: LoopbackParams;
  /** Where the VMs' folders are. */
  readonly folder: string;
  /** False: namespaces are not to be used even where the kernel lets us. */
  readonly isolation: boolean;
}

/** Below the first there is no room for a VM and its work, below the second hardly. */
const tooLittleBytes = 100 * 1024 ** 2;
const littleBytes = 1024 ** 3;

const gibibyte = 1024 ** 3;

/** Everything that VMs on this machine need of it. */
export async function preflight(
  request: PreflightRequest,
  { params, folder, isolation }: PreflightSurroundings,
): Promise<readonly CheckResult[]> {
  return [
    checkProcFiles(),
    isolation ? await checkNamespaces() : skipped('permissions', 'pid namespaces are not to be used'),
    checkMemoryLimits(),
    checkDisk(folder),
    checkCount(request, params),
    checkSize(request, params),
    await checkPorts(),
    checkKey(request),
    checkImage(request),
  ];
}

function checkProcFiles(): CheckResult {
  try {
    readFileSync('/proc/self/environ');
    readFileSync('/proc/sys/kernel/random/boot_id');
    return ok('permissions', 'processes can be told apart by /proc');
  } catch (error) {
    const message = `/proc cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return { subject: 'permissions', outcome: 'failed', message, fix: 'mount /proc' };
  }
}

async function checkNamespaces(): Promise<CheckResult> {
  if (await canIsolate()) return ok('permissions', 'each VM gets a pid namespace, whose end is the end of all in it');
  return {
    subject: 'permissions',
    outcome: 'warning',
    message: 'this user may not make pid namespaces: the processes of a VM are found by their environment instead',
    fix: 'run as root, or with CAP_SYS_ADMIN, where work may try to outlive its VM',
  };
}

function checkMemoryLimits(): CheckResult {
  const found = ['/sys/fs/cgroup/cgroup.subtree_control', '/sys/fs/cgroup/memory/tasks'].find(isWritable);
  if (found !== undefined) return ok('permissions', 'cgroups limit the memory of containers');
  return {
    subject: 'permissions',
    outcome: 'warning',
    message: 'this user may not make cgroups: memory is measured now and then, and processors are not limited',
    fix: 'delegate a cgroup to this user, where containers may use more than they ask for',
  };
}

function checkDisk(folder: string): CheckResult {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const message = `${(free / gibibyte).toFixed(1)}GiB are free where VMs keep their files`;
  if (free >= littleBytes) return ok('quota', message);
  const outcome = free < tooLittleBytes ? 'failed' : 'warning';
  return { subject: 'quota', outcome, message, setting: 'stateDirectory', fix: 'free some space' };
}

function checkCount({ maxInstances = 0 }: PreflightRequest, params: LoopbackParams): CheckResult {
  if (maxInstances > 0 && maxInstances <= params.maxInstances)
    return ok('quota', `the pool asks for ${maxInstances} VMs at most, ${params.maxInstances} may be there`);
  return {
    subject: 'quota',
    outcome: 'warning',
    message: `the pool may ask for ${maxInstances === 0 ? 'any number of' : maxInstances} VMs, ${params.maxInstances} may be there`,
    setting: 'driver.maxInstances',
    fix: 'make pool.maxInstances no more than driver.maxInstances',
  };
}

/** All VMs share this machine: what they promise together may be more than it has. */
function checkSize({ instanceTypes, maxInstances = 0 }: PreflightRequest, params: LoopbackParams): CheckResult {
  const count = maxInstances === 0 ? params.maxInstances : Math.min(maxInstances, params.maxInstances);
  const ramBytes = count * Math.max(0, ...instanceTypes.map((type) => type.ramBytes));
  const vcpus = count * Math.max(0, ...instanceTypes.map((type) => type.vcpus));
  const has = `this machine has ${availableParallelism()} vcpus and ${(totalmem() / gibibyte).toFixed(1)}GiB`;
  if (ramBytes <= totalmem() && vcpus <= availableParallelism()) return ok('types', `${has}, enough for ${count} VMs`);
  return {
    subject: 'types',
    outcome: 'warning',
    message: `${has}, ${count} VMs promise up to ${vcpus} and ${(ramBytes / gibibyte).toFixed(1)}GiB`,
    setting: 'instanceTypes',
    fix: 'make the types smaller or the VMs fewer, unless it is for a demonstration',
  };
}

function checkPorts(): Promise<CheckResult> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) =>
      resolve({ subject: 'network', outcome: 'failed', message: `VMs cannot listen on 127.0.0.1: ${error.message}` }),
    );
    server.listen({ host: '127.0.0.1', port: 0 }, () =>
      server.close(() => resolve(ok('network', 'VMs can listen on 127.0.0.1'))),
    );
  });
}

function checkKey({ authorizedKey }: PreflightRequest): CheckResult {
  if (authorizedKey !== '') return ok('key', 'VMs let the dispatcher in by its public key');
  const message = 'a VM brings no key of its own, and none is to be put there';
  return { subject: 'key', outcome: 'failed', message, setting: 'ssh.deployPublicKey', fix: 'set it to true' };
}

function checkImage({ imageId }: PreflightRequest): CheckResult {
  if (imageId === '') return skipped('image', 'VMs on this machine have no image');
  const message = `VMs on this machine have no image: ${imageId} is not used`;
  return { subject: 'image', outcome: 'warning', message, setting: 'pool.imageId', fix: 'leave it out' };
}

function ok(subject: CheckResult['subject'], message: string): CheckResult {
  return { subject, outcome: 'ok', message };
}

function skipped(subject: CheckResult['subject'], message: string): CheckResult {
  return { subject, outcome: 'skipped', message };
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
