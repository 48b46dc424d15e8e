import { createHash } from 'node:crypto';

/** What makes up a VM. All names follow from the VM's, so that a later process finds what an earlier one made. */
export interface VmNames {
  readonly vm: string;
  readonly networkInterface: string;
  readonly osDisk: string;
  readonly scratchDisk: string;
}

/** Begins the names of everything of one set, and of no other's: Azure's tags may be late or missing, a name is not. */
export function namePrefix(instanceSetId: string): string {
  return `drover-${hash(instanceSetId, 10)}-`;
}

/** The name of one VM of a batch; 34 characters, of the 64 that Azure allows. */
export function vmName(instanceSetId: string, createId: string, index: number): string {
  return namePrefix(instanceSetId) + hash(`${createId}#${index}`, 16);
}

export function namesOf(vm: string): VmNames {
  return { vm, networkInterface: `${vm}-nic`, osDisk: `${vm}-os`, scratchDisk: `${vm}-scratch` };
}

/** The VM that a network interface or disk of this set was made for; undefined when it is not one of this set. */
export function ownerOf(instanceSetId: string, name: string): string | undefined {
  const [, vm] = /^(drover-[0-9a-f]{10}-[0-9a-f]{16})-(?:nic|os|scratch)$/.exec(name.toLowerCase()) ?? [];
  return vm?.startsWith(namePrefix(instanceSetId)) === true ? vm : undefined;
}

function hash(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
