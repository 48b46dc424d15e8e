import type { PreemptionSource } from './source.ts';

/** Resolves on every GCE VM. */
export const gceBaseUrl = 'http://metadata.google.internal';

/** Turns TRUE about 30 s before the VM stops. */
export const gceSource: PreemptionSource = async (ask) => {
  const reply = await ask('/computeMetadata/v1/instance/preempted', { headers: { 'Metadata-Flavor': 'Google' } });
  if (reply.status !== 200 || reply.body.trim() !== 'TRUE') return undefined;
  return { detail: 'GCE preemption', imminent: true };
};
