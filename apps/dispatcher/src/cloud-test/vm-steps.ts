import { type Clock, DroverError } from '@drover/spec';
import type { VmStep, VmStepName } from './cloud-test-types.ts';

/** The steps of one VM as they happen, with how long each took. */
export class VmSteps {
  readonly steps: VmStep[] = [];
  readonly #clock: Clock;
  readonly #onStep: (step: VmStep) => void;

  constructor(clock: Clock, onStep: (step: VmStep) => void) {
    this.#clock = clock;
    this.#onStep = onStep;
  }

  /** `work` says what it saw. False when it failed: that is on record then, and the steps that rest on it are not tried. */
  async try(step: VmStepName, work: () => Promise<string>): Promise<boolean> {
    const beganMs = this.#clock.monotonicMs();
    const end = (ok: boolean, rest: Pick<VmStep, 'detail' | 'code' | 'fix'>): boolean => {
      const ended: VmStep = { step, ok, tookMs: this.#clock.monotonicMs() - beganMs, ...rest };
      this.steps.push(ended);
      this.#onStep(ended);
      return ok;
    };
    try {
      return end(true, { detail: await work() });
    } catch (error) {
      return end(false, failure(error));
    }
  }
}

function failure(error: unknown): Pick<VmStep, 'detail' | 'code' | 'fix'> {
  const detail = error instanceof Error ? error.message : String(error);
  if (!DroverError.is(error)) return { detail };
  const { code, fix } = error;
  return { detail, code, ...(fix === undefined ? {} : { fix }) };
}
