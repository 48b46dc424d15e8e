import { DroverError } from '@drover/spec';
import { clearSet, livingVms } from './clear-set.ts';
import type { CloudTestContext, VmTarget, VmTestResult } from './cloud-test-types.ts';
import { testVm } from './test-vm.ts';

/** How a test is to go about it. */
export interface CloudTestPlan {
  readonly targets: readonly VmTarget[];
  /** VMs at once; at least 1. */
  readonly parallel: number;
  /** Destroy VMs of the set that are there already; else there must be none. */
  readonly destroyExisting: boolean;
  /** Given up when it is aborted: what was created is destroyed all the same. */
  readonly signal: AbortSignal;
}

/** How it went. */
export interface CloudTestReport {
  readonly ok: boolean;
  /** It was given up before its end. */
  readonly interrupted: boolean;
  readonly vms: readonly VmTestResult[];
  /** Ids of VMs that are still there, as the cloud lists them at the end; must be none. */
  readonly left: readonly string[];
}

/**
 * Tests each target with a VM of its own, and leaves none: the cloud's list is the proof.
 * @throws DroverError CLOUDTEST_INSTANCES_EXIST, and what the first listing ends with
 */
export async function runCloudTest(context: CloudTestContext, plan: CloudTestPlan): Promise<CloudTestReport> {
  const { targets, parallel, destroyExisting, signal } = plan;
  const existing = await livingVms(context, signal);
  if (existing.length > 0 && !destroyExisting)
    throw new DroverError(
      'CLOUDTEST_INSTANCES_EXIST',
      `the set ${context.options.instanceSetId} has VMs already: ${existing.map(({ id }) => id).join(', ')}`,
      { fix: 'wait for the test that made them, or add --destroy-existing' },
    );
  if (existing.length > 0) await clearSet(context, 0, signal);
  const results: VmTestResult[] = [];
  const waiting = [...targets];
  const work = async (): Promise<void> => {
    for (let target = waiting.shift(); target !== undefined && !signal.aborted; target = waiting.shift())
      results.push(await testVm(context, target, signal));
  };
  await Promise.all(Array.from({ length: Math.min(parallel, targets.length) }, work));
  const vms = results.toSorted((a, b) => indexOf(targets, a) - indexOf(targets, b));
  const left = await leftAfter(context, vms);
  return { ok: left.length === 0 && vms.every(({ ok }) => ok), interrupted: signal.aborted, vms, left };
}

/** A create that ended without an answer may still give a VM: then nothing is believed before the cloud's lists have caught up. */
async function leftAfter(context: CloudTestContext, vms: readonly VmTestResult[]): Promise<readonly string[]> {
  const { signal } = new AbortController();
  const inDoubt = vms.some(({ steps }) =>
    steps.some(({ step, ok, code }) => step === 'create' && !ok && code === 'CLOUD_TRANSIENT'),
  );
  try {
    await clearSet(context, inDoubt ? context.options.consistencyMs : 0, signal);
    return [];
  } catch (error) {
    const living = await livingVms(context, signal).catch(() => undefined);
    if (living === undefined) throw error;
    return living.map(({ id }) => id);
  }
}

function indexOf(targets: readonly VmTarget[], { offeringId, instanceType }: VmTestResult): number {
  return targets.findIndex((t) => t.offering.id === offeringId && t.instanceType.name === instanceType);
}
