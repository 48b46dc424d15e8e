import type { PreemptionWatch } from '@drover/spec';

/** The flags of `serve`; the deployment writes them (see deployment.ts). */
export interface ServeFlags {
  readonly imageEngineName: 'docker' | 'podman';
  readonly preemptionWatch: PreemptionWatch;
  /** Empty: the VM is never ended from inside. */
  readonly powerOffCommand: string;
}

const engines = ['docker', 'podman'] as const;
const watches: readonly PreemptionWatch[] = ['none', 'ec2', 'gce', 'azure', 'file'];

/** Throws for a flag that it does not know. */
export function parseServeFlags(flags: readonly string[]): ServeFlags {
  const values = new Map<string, string>();
  for (const flag of flags) {
    const [, name, value] = /^--(engine|preemption-watch|power-off)=(.*)$/s.exec(flag) ?? [];
    if (name === undefined || value === undefined) throw new Error(`unknown flag ${flag}`);
    values.set(name, value);
  }
  return {
    imageEngineName: oneOf(engines, values.get('engine') ?? 'docker'),
    preemptionWatch: oneOf(watches, values.get('preemption-watch') ?? 'none'),
    powerOffCommand: values.get('power-off') ?? '',
  };
}

function oneOf<T extends string>(known: readonly T[], value: string): T {
  const found = known.find((each) => each === value);
  if (found === undefined) throw new Error(`${value} is none of ${known.join(', ')}`);
  return found;
}
