import type { DispatchEvent, InstanceId } from '@drover/spec';

/** Pairs `ssh-connected` with `instance-ready` of one instance; bounded by forgetting instances that are gone. */
export class SshToReady {
  readonly #connectedMs = new Map<InstanceId, number>();

  /** Milliseconds from SSH to ready when this event completes a pair. */
  observe(event: DispatchEvent): number | undefined {
    if (event.type === 'ssh-connected') this.#connectedMs.set(event.instanceId, event.sinceCreateMs);
    else if (event.type === 'instance-gone') this.#connectedMs.delete(event.instanceId);
    else if (event.type === 'instance-ready') {
      const connectedMs = this.#connectedMs.get(event.instanceId);
      this.#connectedMs.delete(event.instanceId);
      return connectedMs === undefined ? undefined : Math.max(0, event.sinceCreateMs - connectedMs);
    }
    return undefined;
  }
}
