import type { InstanceType, InstanceView } from '@drover/spec';
import type { QueueViewEntry } from '../api/api-deps.ts';

/** How the reference writes a time that never was. */
const never = '0001-01-01T00:00:00Z';

/** A queue entry with the reference's field names. */
export function referenceContainer(entry: QueueViewEntry): Readonly<Record<string, unknown>> {
  const { resources, scheduling } = entry;
  return {
    container: {
      uuid: entry.uuid,
      state: entry.state,
      priority: entry.priority,
      created_at: time(entry.submittedAtMs),
      container_image: entry.image ?? '',
      runtime_constraints: {
        vcpus: resources.vcpus,
        ram: resources.ramBytes,
        keep_cache_ram: resources.cacheRamBytes,
        keep_cache_disk: resources.cacheDiskBytes,
        gpu: {
          stack: resources.gpu?.stack ?? '',
          device_count: resources.gpu?.count ?? 0,
          driver_version: resources.gpu?.driverVersion ?? '',
          hardware_target: resources.gpu?.hardwareTargets ?? [],
          vram: resources.gpu?.vramBytes ?? 0,
        },
      },
      scheduling_parameters: {
        preemptible: scheduling.preemptible !== false,
        supervisor: scheduling.supervisor,
        max_run_time: Math.floor((scheduling.maxRunTimeMs ?? 0) / 1_000),
      },
    },
    instance_types: entry.instanceTypes.map(referenceType),
    scheduling_status: entry.schedulingStatus,
    first_seen_at: time(entry.firstSeenAtMs),
  };
}

/** An instance with the reference's field names. */
export function referenceInstance(view: InstanceView): Readonly<Record<string, unknown>> {
  return {
    instance: view.instanceId,
    address: view.address,
    price: view.pricePerHour,
    arvados_instance_type: view.instanceType,
    provider_instance_type: view.providerType,
    last_container_uuid: view.lastContainerUuid ?? '',
    last_busy: view.lastBusyAtMs === undefined ? never : time(view.lastBusyAtMs),
    running_container_uuids: view.containers,
    worker_state: view.state,
    idle_behavior: view.idleBehavior,
  };
}

function referenceType(type: InstanceType): Readonly<Record<string, unknown>> {
  return {
    Name: type.name,
    ProviderType: type.providerType,
    VCPUs: type.vcpus,
    RAM: type.ramBytes,
    Scratch: type.scratchBytes,
    IncludedScratch: type.includedScratchBytes,
    AddedScratch: type.addedScratchBytes,
    Price: type.pricePerHour,
    Preemptible: type.preemptible,
    GPU: {
      Stack: type.gpu?.stack ?? '',
      DriverVersion: type.gpu?.driverVersion ?? '',
      HardwareTarget: type.gpu?.hardwareTarget ?? '',
      DeviceCount: type.gpu?.count ?? 0,
      VRAM: type.gpu?.vramBytes ?? 0,
    },
  };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
