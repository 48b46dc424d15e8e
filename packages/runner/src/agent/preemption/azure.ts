import { isObject, parseJson } from '../json.ts';
import type { PreemptionSource } from './source.ts';

/** Link-local address of the Azure instance metadata service. */
export const azureBaseUrl = 'http://169.254.169.254';

/** Scheduled events: `Preempt` (spot, at least 30 s ahead) and `Terminate` (scale sets). */
export const azureSource: PreemptionSource = async (ask) => {
  const reply = await ask('/metadata/scheduledevents?api-version=2020-07-01', { headers: { Metadata: 'true' } });
  const json = reply.status === 200 ? parseJson(reply.body) : undefined;
  const events: readonly unknown[] = isObject(json) && Array.isArray(json['Events']) ? json['Events'] : [];
  const found = events.find(
    (event) => isObject(event) && (event['EventType'] === 'Preempt' || event['EventType'] === 'Terminate'),
  );
  if (!isObject(found)) return undefined;
  return { detail: `Azure ${String(found['EventType'])}, not before ${String(found['NotBefore'])}`, imminent: true };
};
