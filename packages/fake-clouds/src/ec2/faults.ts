import type { FakeReply } from '../fake-server.ts';
import type { Ec2Fault } from './ec2-fault.ts';
import type { Structure } from './values.ts';

/** Something that goes wrong with calls. */
export interface InjectedFault {
  /** Which API; default: every one. */
  readonly action?: string;
  /** Which calls of it; default: all. */
  readonly when?: (input: Structure) => boolean;
  /** How often; default: until `heal`. */
  readonly times?: number;
  /** An error instead of the work, a cut or hanging connection instead of it, or the work done and its answer lost. */
  readonly reply: Ec2Fault | Exclude<FakeReply, object> | 'done-then-reset';
}

/** The faults that are set at a fake. */
export class Faults {
  #faults: { readonly fault: InjectedFault; left: number }[] = [];

  /** From now on. */
  add(fault: InjectedFault): void {
    this.#faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  /** Ends all of them. */
  heal(): void {
    this.#faults = [];
  }

  /** What is to go wrong with this call. */
  take(action: string, input: Structure): InjectedFault['reply'] | undefined {
    const hit = this.#faults.find(
      ({ fault, left }) =>
        left > 0 && (fault.action ?? action) === action && (fault.when === undefined || fault.when(input)),
    );
    if (hit === undefined) return undefined;
    hit.left -= 1;
    return hit.fault.reply;
  }
}
