import type { InstanceId } from '@drover/spec';
import type { PortAnswer, PortCall } from './port-call.ts';

/** Which VMs the cloud has shown to which dispatcher, in any answer that came. */
export class ShownVms {
  /** The last dispatcher that was shown it. */
  readonly #shownTo = new Map<InstanceId, number>();

  heard(call: PortCall, answer: PortAnswer): void {
    if (call.port === 'cloud' && answer.ok)
      for (const id of idsIn(answer.value)) this.#shownTo.set(id, call.dispatcher);
  }

  wasShownTo(dispatcher: number, id: InstanceId): boolean {
    return this.#shownTo.get(id) === dispatcher;
  }
}

/** Of one VM, of the VMs that were created, or of a listing. */
function idsIn(value: unknown): readonly InstanceId[] {
  if (Array.isArray(value)) return value.flatMap(idsIn);
  if (typeof value !== 'object' || value === null) return [];
  if ('id' in value && typeof value.id === 'string') return [value.id];
  if ('instance' in value) return idsIn(value.instance);
  return 'instances' in value ? idsIn(value.instances) : [];
}
