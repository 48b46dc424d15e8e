import type { CallOptions, Clock, HostKeys, InstanceId } from '@drover/spec';
import { ec2Times } from './ec2-options.ts';
import { awsCode } from './error-facts.ts';
import type { Ec2Api } from './sdk-subset.ts';

/** Host keys as cloud-init prints them on a VM's console, which only AWS and root on the VM can write to. */
export class ConsoleHostKeys {
  readonly #api: Ec2Api;
  readonly #clock: Clock;
  readonly #answers = new Map<InstanceId, { readonly keys: HostKeys; readonly atMs: number }>();

  constructor(api: Ec2Api, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  /** The keys; empty while the console has none. The cloud is asked once in a while only, however often this is. */
  async of(id: InstanceId, options: CallOptions): Promise<HostKeys> {
    const nowMs = this.#clock.monotonicMs();
    for (const [other, { atMs }] of this.#answers)
      if (nowMs - atMs >= ec2Times.hostKeysGoodMs) this.#answers.delete(other);
    const known = this.#answers.get(id);
    if (known !== undefined) return known.keys;
    const keys = readHostKeys(await this.#console(id, options));
    this.#answers.set(id, { keys, atMs: nowMs });
    return keys;
  }

  async #console(InstanceId: InstanceId, options: CallOptions): Promise<string> {
    const output = await this.#output({ InstanceId, Latest: true }, options).catch((error: unknown) => {
      // Types before Nitro have no latest output, only the one that AWS keeps from the boot.
      if (awsCode(error) !== 'UnsupportedOperation') throw error;
      return this.#output({ InstanceId }, options);
    });
    return Buffer.from(output, 'base64').toString('utf8');
  }

  async #output(input: { InstanceId: InstanceId; Latest?: boolean }, options: CallOptions): Promise<string> {
    return (await this.#api.getConsoleOutput(input, options)).Output ?? '';
  }
}

/** The first complete block of keys: later ones a workload that got root may have written. */
export function readHostKeys(consoleText: string): HostKeys {
  const block = /-----BEGIN SSH HOST KEY KEYS-----\r?\n(.*?)-----END SSH HOST KEY KEYS-----/s.exec(consoleText);
  const keys = (block?.[1] ?? '').matchAll(/((?:ssh|ecdsa)-[a-z0-9@.-]+ [A-Za-z0-9+/]+=*)(?=\s)/g);
  return Array.from(keys, ([, key = '']) => key);
}
