import type { CreateIntent, CreateRequest, InstanceType, Offering, Random } from '@drover/spec';
import type { PoolOptions } from './pool-options.ts';
import { shellQuote } from './shell-quote.ts';
import { newInstanceTags } from './tags.ts';

/** One VM that was asked for and has not shown up as a worker. */
export interface PendingVm {
  readonly secret: string;
  readonly createId: string;
  /** Its place in the batch. */
  readonly index: number;
  readonly type: InstanceType;
  readonly offering: Offering;
  readonly requestedAtWallMs: number;
}

/** Equal VMs that go to the cloud in one call. */
export interface CreateBatch {
  readonly createId: string;
  readonly type: InstanceType;
  readonly offering: Offering;
  readonly vms: PendingVm[];
}

/** An empty batch. */
export function newBatch(type: InstanceType, offering: Offering, random: Random): CreateBatch {
  return { createId: random.hex(16), type, offering, vms: [] };
}

/** One more VM in it. The secret is 40 hex digits, as in the reference. */
export function addVm(batch: CreateBatch, random: Random, wallMs: number): PendingVm {
  const { createId, type, offering } = batch;
  const index = batch.vms.length;
  const vm: PendingVm = { secret: random.hex(20), createId, index, type, offering, requestedAtWallMs: wallMs };
  batch.vms.push(vm);
  return vm;
}

/** What is written down before the cloud is asked. */
export function intentOf(batch: CreateBatch, wallMs: number): CreateIntent {
  return {
    createId: batch.createId,
    instanceType: batch.type.name,
    offeringId: batch.offering.id,
    count: batch.vms.length,
    secrets: batch.vms.map((vm) => vm.secret),
    createdAtMs: wallMs,
  };
}

/** What the cloud is asked. */
export function requestOf(batch: CreateBatch, options: PoolOptions): CreateRequest {
  return {
    createId: batch.createId,
    count: batch.vms.length,
    instanceType: batch.type,
    offering: batch.offering,
    imageId: options.imageId,
    tags: batch.vms.map((vm) => newInstanceTags(options, batch.type.name, vm.secret)),
    initCommands: batch.vms.map((vm) => initCommand(vm.secret, options)),
    authorizedKey: options.authorizedKey,
  };
}

/** Writes the secret file, readable by root alone, before anything else. */
function initCommand(secret: string, options: PoolOptions): string {
  const path = options.instanceSecretPath;
  const folder = path.slice(0, path.lastIndexOf('/')) || '/';
  const write = `mkdir -p ${shellQuote(folder)}; (umask 0177; printf %s ${secret} >${shellQuote(path)})`;
  return options.instanceInitCommand === '' ? write : `${write}; ${options.instanceInitCommand}`;
}
