import {
  ConnectError,
  DroverError,
  type Executor,
  HostKeyError,
  type HostKeys,
  type InstanceId,
  type InstanceSet,
} from '@drover/spec';
import { asRoot, shellQuote } from './shell-quote.ts';

/** The host keys proven so far; what is in the store is loaded once. */
export interface PinnedKeys {
  get(id: InstanceId): HostKeys | undefined;
  /** Durable when it resolves; costs nothing when it is already. */
  set(id: InstanceId, keys: HostKeys): Promise<void>;
}

/** What proving a host takes. */
export interface HostProof {
  readonly instanceId: InstanceId;
  readonly executor: Executor;
  /** Puts these keys into the executor's target. */
  readonly expectKeys: (keys: HostKeys) => void;
  readonly pins: PinnedKeys;
  readonly hostKeys: InstanceSet['hostKeys'] | undefined;
  /** Content of the secret file; empty: none is known. */
  readonly secret: string;
  readonly secretPath: string;
  readonly user: string;
  /** Gives each call to the host its deadline. Asking the cloud has its own, which leaves out the wait for a permit. */
  readonly withDeadline: <T>(call: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
}

/** Output of an unproven host is read up to here only. */
const maxUnverifiedBytes = 64;

/**
 * Connects and makes sure that the host is the VM that it should be; afterwards the executor trusts it and its key is
 * pinned. Best proof first: a pinned key, keys that the cloud vouches for, the secret file. Rejects with HostKeyError when the
 * host is proven to be another or can never be proven, else with what went wrong on the way (try again later).
 */
export async function proveHost(proof: HostProof): Promise<void> {
  const pinned = proof.pins.get(proof.instanceId);
  if (pinned !== undefined) {
    await provePinned(proof, pinned);
    return;
  }
  // Reach the host first: asking the cloud about one that does not answer yet would only use up calls.
  const key = await proof.withDeadline((signal) => proof.executor.connect({ signal }));
  const vouched = await vouchedKeys(proof);
  if (vouched.length === 0) await proveBySecret(proof, key);
  else if (!vouched.includes(key)) throw wrongKey();
  await pinAndTrust(proof, key);
}

async function provePinned(proof: HostProof, pinned: HostKeys): Promise<void> {
  try {
    await connectExpecting(proof, pinned);
  } catch (error) {
    if (!isHostKeyError(error)) throw error;
    // The key has changed. Only the cloud can vouch for the new one: any workload may have read the secret file.
    const vouched = await vouchedKeys(proof);
    if (vouched.length === 0 || sameKeys(vouched, pinned)) throw error;
    await connectExpecting(proof, vouched);
  }
}

async function connectExpecting(proof: HostProof, keys: HostKeys): Promise<void> {
  proof.expectKeys(keys);
  const key = await proof.withDeadline((signal) => proof.executor.connect({ signal }));
  if (!keys.includes(key)) throw wrongKey();
  await pinAndTrust(proof, key);
}

async function proveBySecret(proof: HostProof, key: string): Promise<void> {
  const { executor, secret, secretPath, user } = proof;
  if (secret === '')
    throw new HostKeyError(
      'Nothing can prove who the host is: the cloud publishes no key and the instance has no secret.',
      {
        fix: 'Drain the instance; those made by this dispatcher carry a secret.',
      },
    );
  const show = {
    command: asRoot(user, `cat ${shellQuote(secretPath)}`),
    maxOutputBytes: maxUnverifiedBytes,
    allowUnverified: true,
  };
  const shown = await proof.withDeadline((signal) => executor.run(show, { signal }));
  const text = shown.stdout.trim();
  // The file appears some time after sshd does; half of it is not a wrong one.
  if (shown.exitCode !== 0 || (text.length < secret.length && secret.startsWith(text)))
    throw new DroverError('SSH_CONNECT', `The instance does not show its secret in ${secretPath} yet.`, {
      retryable: true,
    });
  if (!equalInConstantTime(text, secret))
    throw new HostKeyError(`The host shows another secret in ${secretPath} than the instance was made with.`);
  // The proof counts for the connection it was given on.
  const still = await proof.withDeadline((signal) => executor.connect({ signal }));
  if (still !== key) throw new ConnectError('The connection changed while the host was being proven.');
}

function wrongKey(): HostKeyError {
  return new HostKeyError('The host presented a key that is not the expected one.');
}

async function pinAndTrust(proof: HostProof, key: string): Promise<void> {
  const pinned = proof.pins.get(proof.instanceId);
  // Also those that were proven before: they may not have been stored.
  await proof.pins.set(proof.instanceId, pinned?.includes(key) === true ? pinned : [key]);
  // In this order: a target that pins what is trusted already keeps its connection, another one drops it, and a host that has just
  // been connected to is not connected to again at once.
  proof.executor.trust(key);
  proof.expectKeys([key]);
}

async function vouchedKeys(proof: HostProof): Promise<HostKeys> {
  return proof.hostKeys === undefined ? [] : proof.hostKeys(proof.instanceId, { signal: proof.signal });
}

/** Whether an error proves that the host is not the expected one. */
export function isHostKeyError(error: unknown): error is DroverError {
  return DroverError.is(error) && error.code === 'SSH_HOST_KEY';
}

/** Whether both lists hold the same keys. */
export function sameKeys(a: HostKeys, b: HostKeys): boolean {
  return a.length === b.length && a.every((key) => b.includes(key));
}

/** Takes as long for a wrong text as for the right one. */
export function equalInConstantTime(text: string, secret: string): boolean {
  let difference = text.length ^ secret.length;
  for (let index = 0; index < secret.length; index += 1)
    difference |= secret.charCodeAt(index) ^ (index < text.length ? text.charCodeAt(index) : 0);
  return difference === 0;
}
