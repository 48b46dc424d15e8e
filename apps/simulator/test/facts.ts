import type { Attempt, ContainerEvent, ContainerRecord, CreateRequest, Instance, RunResult } from '@drover/spec';
import type { PortCall } from '../src/port-call.ts';

let sequence = 0;

/** An event of a queue. */
export function makeEvent(
  kind: ContainerEvent['kind'],
  state: ContainerEvent['state'],
  generation: number,
  uuid = 'c1',
): ContainerEvent {
  sequence += 1;
  return { sequence, atMs: 0, uuid, kind, generation, state };
}

export function makeRecord(over: Partial<ContainerRecord> = {}): ContainerRecord {
  return {
    uuid: 'c1',
    state: 'Running',
    priority: 1,
    generation: 1,
    spec: {
      command: ['true'],
      env: {},
      resources: { vcpus: 1, ramBytes: 1, cacheRamBytes: 0, scratchBytes: [], cacheDiskBytes: 0 },
      scheduling: { priority: 1, preemptible: false, supervisor: false },
      retry: { attempts: 1, on: [] },
    },
    submittedAtMs: 0,
    attempts: [],
    ...over,
  };
}

export function makeAttempts(count: number): readonly Attempt[] {
  return Array.from({ length: count }, (_, index) => ({ generation: index + 1, lockedAtMs: 0, startedAtMs: 1 }));
}

export function makeResult(over: Partial<RunResult> = {}): RunResult {
  return {
    exitCode: 0,
    oom: false,
    timedOut: false,
    killed: false,
    preempted: false,
    unknown: false,
    startedAtMs: 1,
    finishedAtMs: 2,
    logs: [],
    ...over,
  };
}

export function makeInstance(id = 'i-1'): Instance {
  return { id, providerType: 'p', lifecycle: 'running', tags: {}, address: '' };
}

/** A dispatcher asks for one VM. */
export function makeCreateCall(createId: string, dispatcher = 1): PortCall & { readonly request: CreateRequest } {
  const instanceType = {
    name: 't',
    providerType: 't',
    vcpus: 1,
    ramBytes: 1,
    scratchBytes: 1,
    includedScratchBytes: 1,
    addedScratchBytes: 0,
    pricePerHour: 1,
    preemptible: false,
  };
  const request: CreateRequest = {
    createId,
    count: 1,
    instanceType,
    offering: { id: 'o', instanceType: 't', zone: 'z', preemptible: false, pricePerHour: 1 },
    imageId: '',
    tags: [{}],
    initCommands: [''],
    authorizedKey: '',
  };
  return { dispatcher, port: 'cloud', operation: 'create', subject: createId, request, changes: true };
}
