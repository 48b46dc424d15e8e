import type { CallOptions } from './clock.ts';
import type { InstanceId } from './instance.ts';

/**
 * How a VM learns that it is about to be taken away: by the metadata service of one of these clouds, by a file that appears on it
 * (`preemption-notice` in the folder that `DROVER_VM_ROOT` names), or never.
 */
export type PreemptionWatch = 'none' | 'ec2' | 'gce' | 'azure' | 'file';

/** One file of a runner. */
export interface RunnerFile {
  /** Below the runner's own directory, with `/`; never absolute, never with `..`. */
  readonly path: string;
  /** Permission bits, e.g. `0o755`. */
  readonly mode: number;
  readonly bytes: Uint8Array;
  /** What `uname -sm` prints on the VMs that need this file, e.g. `Linux x86_64`, `Linux aarch64`; absent: every VM. */
  readonly platform?: string;
}

/** A large program for one platform, as it travels. */
export interface RuntimeProgram {
  /** Hex digest of the program. */
  readonly hash: string;
  /** Bytes on the VM, unpacked. */
  readonly sizeBytes: number;
  /** The gzipped program in pieces of at most a few MiB, so that nobody has to hold all of it. */
  pieces(): AsyncIterable<Uint8Array>;
}

/** A program that the runner needs and that most images lack. It is sent only to VMs that need it, once. */
export interface RunnerRuntime {
  /** What the program is called; a VM that was sent one finds it under this name in the runner's own directory. */
  readonly name: string;
  /** POSIX shell command that exits 0 where the VM has one of its own that will do. */
  readonly checkCommand: string;
  /** What a VM needs in place of it, for people: `Node.js 20 or newer`. */
  readonly description: string;
  /** The program for what `uname -sm` prints; undefined: there is none. Rejects with DroverError RUNNER_UNAVAILABLE. */
  load(platform: string): Promise<RuntimeProgram | undefined>;
}

/** Where a runner lies on one VM. */
export interface RunnerPlace {
  /** `<deployDirectory>/<name>~<hash>`; empty when nothing is deployed because the image brings the runner. */
  readonly directory: string;
  readonly instanceId: InstanceId;
}

/**
 * Everything the pool needs to bring the agent to a VM and to talk to it. The commands are POSIX shell command lines; for
 * a user other than root the pool runs them through `sudo`. They get no secret and must be safe to repeat.
 */
export interface RunnerDeployment {
  /** First part of the directory's name: letters, digits, `.`, `_`, `-`. */
  readonly name: string;
  /** Hex digest over all files; a VM that has the directory of this hash is not sent anything. */
  readonly hash: string;
  /** Empty: the VM's image brings the runner. */
  readonly files: readonly RunnerFile[];
  /** Absent: the runner needs nothing of the image. */
  readonly runtime?: RunnerRuntime;
  /** Absolute path on the VM, made when missing (mode 0755). */
  readonly deployDirectory: string;
  /** Starts the agent unless it runs; exits 0 once its socket answers. It leaves the SSH session: all three fds redirected. */
  startCommand(place: RunnerPlace): string;
  /** Prints one line, a RunnerStatus as JSON, and exits 0; starts the agent when it does not run. The run probe. */
  listCommand(place: RunnerPlace): string;
  /** Speaks the runner protocol on stdio: a relay to the agent's socket, for servers that forbid forwarding. */
  attachCommand(place: RunnerPlace): string;
  /** The agent's unix socket, to be reached by stream-local forwarding; absent: only `attachCommand`. */
  socketPath?(place: RunnerPlace): string;
}

/** Where the pool gets the runner from. Called again, slowly, while it fails; creates are declined meanwhile. */
export interface RunnerSource {
  /** Rejects with DroverError RUNNER_UNAVAILABLE. */
  load(options: CallOptions): Promise<RunnerDeployment>;
}
