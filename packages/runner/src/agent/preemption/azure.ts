import { isObject, parseJson } from '../json.ts';
import type { PreemptionSource } from './source.ts';

/** Link-local address of the Azure instance metadata service. */
export const azureBaseUrl = 'http://169.254.169.254';

/**
 * Scheduled events: `Preempt` (spot, at least 30 s ahead, as far as Azure can) and `Terminate` (scale sets). The first answer may take
 * two minutes, in which Azure switches them on; a VM of no set gets only its own. `NotBefore` is blank once an event has begun.
 */
export const azureSource: PreemptionSource = async (ask) => {
  const reply = await ask('/metadata/scheduledevents?api-version=2020-07-01', { headers: { Metadata: 'true' } });
  const json = reply.status === 200 ? parseJson(reply.body) : undefined;
  const events: readonly unknown[] = isObject(json) && Array.isArray(json['Events']) ? json['Events'] : [];
  const found = events.find(
    (event) => isObject(event) && (event['EventType'] === 'Preempt' || event['EventType'] === 'Terminate'),
  );
  if (!isObject(found)) return undefined;
  const { EventType: type, NotBefore: notBefore } = found;
  const when = typeof notBefore === 'string' && notBefore !== '' ? `not before ${notBefore}` : 'begun';
  return { detail: `Azure ${String(type)}, ${when}`, imminent: true };
};
