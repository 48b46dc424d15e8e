import type { CallFaults, CloudFaults, CloudVerb } from '@drover/testkit';
import type { Scenario } from '../scenario.ts';
import type { FaultName } from './fault-names.ts';

/** The VMs of others count too. */
const foreignVms = 2;

/** How a scenario's faults look to its cloud. Rates are chosen so that a run of an hour meets each a few times. */
export function cloudFaultPlan(scenario: Scenario): Partial<CloudFaults> {
  const { faults, faultIntensity, maxInstances } = scenario;
  const has = (fault: FaultName): boolean => faults.includes(fault);
  const rate = (fault: FaultName, base: number): number => (has(fault) ? Math.min(0.5, base * faultIntensity) : 0);
  return {
    calls: callFaults(has, rate),
    ...(has('quota') ? { quota: foreignVms + Math.max(1, Math.floor(maxInstances / 2)) } : {}),
    partialBatchRate: rate('capacity', 0.1),
    launchFailureRate: rate('launch-fails', 0.15),
    neverBootsRate: rate('never-boots', 0.15),
    stuckPendingRate: rate('stuck-pending', 0.1),
    destroyIgnoredRate: rate('destroy-ignored', 0.2),
    missingTagsRate: rate('missing-tags', 0.2),
    missingTagsMs: 30_000,
    listLagMs: has('list-lags') ? 30_000 : 0,
    vanishRate: rate('vanishing', 0.03),
    vanishMs: 60_000,
    spotKillMeanMs: has('spot-kill') ? 900_000 / faultIntensity : 0,
    spotNoticeMs: 120_000,
    reuseAddresses: has('address-reuse'),
  };
}

function callFaults(
  has: (fault: FaultName) => boolean,
  rate: (fault: FaultName, base: number) => number,
): Partial<Record<CloudVerb, CallFaults>> {
  const throttle = { throttleRate: rate('cloud-throttles', 0.1), retryAfterMs: 5000 };
  const anyTrouble = has('list-fails') ? 0.1 : 0;
  return {
    create: {
      ...throttle,
      failRate: rate('create-fails', 0.15),
      answerLostRate: rate('create-answer-lost', 0.15),
      hangRate: rate('create-hangs', 0.1),
    },
    list: { ...throttle, failRate: rate('list-fails', 0.2) },
    describe: { ...throttle, failRate: anyTrouble },
    destroy: { ...throttle, failRate: anyTrouble, answerLostRate: anyTrouble },
    setTags: { ...throttle, failRate: anyTrouble },
    hostKeys: { failRate: anyTrouble },
  };
}
