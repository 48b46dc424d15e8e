import type { InstanceId } from '@drover/spec';
import type { Invariant } from './invariant.ts';

/** 16: before a VM has proven who it is, it is sent nothing but commands that anybody may see. */
export function nothingSecretBeforeProof(ports: {
  /** Whether the key that the VM shows now is one that was proven and pinned. */
  readonly isProven: (id: InstanceId) => boolean;
  /** Texts that only a proven VM may be sent. */
  readonly secrets: (id: InstanceId) => readonly string[];
}): Invariant {
  return {
    number: 16,
    rule: 'nothing secret before verification',
    onArrival: ({ instanceId, command }) => {
      if (ports.isProven(instanceId)) return undefined;
      if (command === undefined) return `a channel was opened to ${instanceId} before it has proven who it is`;
      if (command.allowUnverified !== true || command.stdin !== undefined)
        return `${instanceId} was sent more than a harmless command before it has proven who it is`;
      const shown = ports.secrets(instanceId).some((secret) => secret !== '' && command.command.includes(secret));
      return shown ? `${instanceId} was shown a secret before it has proven who it is` : undefined;
    },
  };
}
