import { createHash } from 'node:crypto';
import type { SshHost } from '../ssh-host.ts';
import type { FakeGceOptions } from './fake-options.ts';
import type { MetadataItem, NewInstance } from './resources.ts';

/** A VM of the fake. What it is at a moment follows from the times; nothing ticks. */
export interface CloudInstance {
  readonly asked: NewInstance;
  readonly zone: string;
  readonly number: number;
  readonly createdAtMs: number;
  readonly readyAtMs: number;
  labels: Readonly<Record<string, string>>;
  metadata: readonly MetadataItem[];
  /** What answers SSH inside; its address is shown as the internal one. */
  readonly host?: SshHost | undefined;
  /** Set once it is being stopped: what it becomes, and when. */
  ending: { readonly sinceMs: number; readonly atMs: number; readonly into: 'gone' | 'TERMINATED' } | undefined;
}

/** `gone`: the cloud does not know it any more. */
export function statusAt(vm: CloudInstance, nowMs: number): string {
  if (vm.ending !== undefined && nowMs >= vm.ending.atMs) return vm.ending.into;
  if (vm.ending !== undefined && nowMs >= vm.ending.sinceMs && vm.readyAtMs !== Number.POSITIVE_INFINITY)
    return 'STOPPING';
  if (nowMs >= vm.readyAtMs) return 'RUNNING';
  return nowMs < (vm.createdAtMs + vm.readyAtMs) / 2 ? 'PROVISIONING' : 'STAGING';
}

/** Any change of the value changes it. */
export function fingerprintOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64').slice(0, 12);
}

/** An instance as the API shows it. */
export function showInstance(vm: CloudInstance, nowMs: number, baseUrl: string, options: FakeGceOptions): unknown {
  const { asked, zone, number } = vm;
  const at = `${baseUrl}/compute/v1/projects/${options.project}`;
  const { tags, metadata: _asked, labels: _labels, disks, networkInterfaces, machineType, scheduling, ...rest } = asked;
  return {
    ...rest,
    kind: 'compute#instance',
    id: String(4_000_000_000_000_000_000n + BigInt(number)),
    creationTimestamp: '2026-01-01T00:00:00.000-07:00',
    selfLink: `${at}/zones/${zone}/instances/${asked.name}`,
    zone: `${at}/zones/${zone}`,
    machineType: `${at}/zones/${zone}/machineTypes/${machineType.slice(machineType.lastIndexOf('/') + 1)}`,
    status: statusAt(vm, nowMs),
    cpuPlatform: 'Intel Ice Lake',
    tags: { ...tags, fingerprint: fingerprintOf(tags ?? {}) },
    labels: vm.labels,
    labelFingerprint: fingerprintOf(vm.labels),
    metadata: { kind: 'compute#metadata', fingerprint: fingerprintOf(vm.metadata), items: vm.metadata },
    scheduling: { preemptible: scheduling?.provisioningModel === 'SPOT', ...scheduling },
    networkInterfaces: networkInterfaces.map(({ accessConfigs, ...card }) => ({
      ...card,
      kind: 'compute#networkInterface',
      name: 'nic0',
      networkIP: vm.host?.address ?? addressOf('10.128', number),
      ...(accessConfigs === undefined
        ? {}
        : {
            accessConfigs: accessConfigs.map((each) => ({
              ...each,
              kind: 'compute#accessConfig',
              natIP: addressOf('34.1', number),
            })),
          }),
    })),
    disks: disks.map(({ initializeParams: _params, ...disk }, index) => ({
      ...disk,
      kind: 'compute#attachedDisk',
      index,
      mode: 'READ_WRITE',
      source: `${at}/zones/${zone}/disks/${index === 0 ? asked.name : `${asked.name}-${index}`}`,
    })),
    startRestricted: false,
    deletionProtection: false,
  };
}

function addressOf(prefix: string, number: number): string {
  return `${prefix}.${(number >> 8) & 255}.${number & 255}`;
}
