import { join } from 'node:path';
import { type Driver, type DriverContext, InvalidRequestError, type InstanceSet } from '@drover/spec';
import { CreateVms } from './create-vms.ts';
import { LoopbackInstanceSet } from './instance-set.ts';
import { canIsolate } from './isolation.ts';
import { defaultVmCommand } from './launch-vm.ts';
import { mapError } from './map-error.ts';
import { type LoopbackParams, loopbackParams, loopbackParamsJsonSchema } from './params.ts';
import { VmFleet } from './vm-fleet.ts';
import { VmFolders } from './vm-folders.ts';

/** What an embedder may decide beside the configuration. */
export interface LoopbackDriverOptions {
  /**
   * The command that is a VM, to which its folder is added as the last argument: for programs bundled into one file, where
   * this package's `vm/main` is not on disk. It must end in `bootVm(folder)` of `@drover/driver-loopback/vm`.
   */
  readonly vmCommand?: readonly string[];
  /** false: no pid namespaces even where the kernel lets us, as if it did not. */
  readonly isolation?: boolean;
}

/** VMs on this machine, each a process tree with an SSH server of its own. */
export function createLoopbackDriver(options: LoopbackDriverOptions = {}): Driver<LoopbackParams> {
  return {
    specVersion: 1,
    name: 'loopback',
    preemptionWatch: 'file',
    params: loopbackParams,
    paramsJsonSchema: loopbackParamsJsonSchema,
    open: (params, context) => openSet(params, context, options),
  };
}

/** The driver with nothing decided. */
export const loopbackDriver: Driver<LoopbackParams> = createLoopbackDriver();

async function openSet(
  params: LoopbackParams,
  context: DriverContext,
  options: LoopbackDriverOptions,
): Promise<InstanceSet> {
  if (process.platform !== 'linux')
    throw new InvalidRequestError(`loopback: VMs on this machine need Linux's /proc, which ${process.platform} lacks`, {
      fix: 'use it on Linux, or name the driver of a cloud',
    });
  const { clock, random, instanceSetId } = context;
  if (instanceSetId === '')
    throw new InvalidRequestError('loopback: the instance set needs an id, its folder has that name');
  try {
    const path = join(context.stateDirectory, 'loopback', folderName(instanceSetId));
    const fleet = new VmFleet(new VmFolders(path), clock);
    await fleet.endOrphans();
    const isolation = options.isolation !== false;
    const isolated = isolation && (await canIsolate());
    const vmCommand = options.vmCommand ?? defaultVmCommand();
    return new LoopbackInstanceSet(fleet, new CreateVms(fleet, params, { clock, random, isolated, vmCommand }), {
      params,
      isolation,
    });
  } catch (error) {
    throw mapError(error, `open ${context.stateDirectory}`);
  }
}

/** No two ids give one name, and none gives a path or a hidden file. */
function folderName(instanceSetId: string): string {
  return encodeURIComponent(instanceSetId).replaceAll('.', '%2E');
}
