import { renameSync, writeFileSync } from 'node:fs';

/**
 * The files in a VM's folder, as the driver and the VM share them. This file, like all in `vm/`, imports little: it is
 * loaded at every boot of a VM.
 */
export const vmFiles = {
  /** What the VM was made with; written once by the driver, mode 0600 because the init command carries the secret. */
  record: 'vm.json',
  /** Its tags, rewritten by the driver. */
  tags: 'tags.json',
  /** Boot id of the machine and `/proc/<pid>/stat` of the VM's first process, written by that process. */
  leader: 'leader',
  /** Where its SSH server listens, with which key; written by the VM. */
  ssh: 'ssh.json',
  /** What the VM's own program had to say. */
  log: 'vm.log',
  /** Home, working directory and `DROVER_VM_ROOT` of everything that runs on the VM. */
  root: 'root',
  /** Below `root`: appears there when the VM is about to be taken away. */
  notice: 'preemption-notice',
} as const;

/** The file descriptor on which the VM tells the driver that created it that it is up; nobody need listen. */
export const readyFd = 3;

/** The environment variable that every descendant of a VM carries, with a value of its own per VM. */
export const markerVariable = 'DROVER_VM_MARKER';

/** What a VM needs to know to boot: a part of its record. */
export interface BootRecord {
  readonly authorizedKey: string;
  readonly initCommand: string;
  readonly bootDelayMs: number;
  /** It comes up without an SSH server. */
  readonly bootFails: boolean;
  /** It dies of itself this long after boot; 0 = never. */
  readonly lostAfterMs: number;
  /** It is told this long after boot that it will be taken away; 0 = never. */
  readonly preemptedAfterMs: number;
  /** From then until it is taken away. */
  readonly preemptionNoticeMs: number;
}

/** What the VM tells about its SSH server. */
export interface SshRecord {
  /** On 127.0.0.1. */
  readonly port: number;
  /** `<type> <base64>`. */
  readonly hostKey: string;
}

/** Replaces a file such that a reader sees the old or the new content, never a part. Mode 0600. */
export function replaceFile(path: string, content: string): void {
  const temporary = `${path}.new`;
  writeFileSync(temporary, content, { mode: 0o600 });
  renameSync(temporary, path);
}

/** Reads a boot record from JSON text; throws when it is none. */
export function parseBootRecord(text: string): BootRecord {
  const value: unknown = JSON.parse(text);
  if (!isBootRecord(value)) throw new Error('the VM record lacks what a boot needs');
  return value;
}

function isBootRecord(value: unknown): value is BootRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'authorizedKey' in value &&
    typeof value.authorizedKey === 'string' &&
    'initCommand' in value &&
    typeof value.initCommand === 'string' &&
    'bootDelayMs' in value &&
    typeof value.bootDelayMs === 'number' &&
    'bootFails' in value &&
    typeof value.bootFails === 'boolean' &&
    'lostAfterMs' in value &&
    typeof value.lostAfterMs === 'number' &&
    'preemptedAfterMs' in value &&
    typeof value.preemptedAfterMs === 'number' &&
    'preemptionNoticeMs' in value &&
    typeof value.preemptionNoticeMs === 'number'
  );
}
