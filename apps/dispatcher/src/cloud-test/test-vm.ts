import { addVm, belongsToSet, newBatch, requestOf, setTags, tagKey } from '@drover/pool/vm';
import { DroverError, type Instance, InvalidRequestError } from '@drover/spec';
import type { CloudTestContext, VmTarget, VmTestResult } from './cloud-test-types.ts';
import { eventually, type Patience } from './eventually.ts';
import { VmLogin } from './vm-login.ts';
import { VmSteps } from './vm-steps.ts';

/** Between two looks at the cloud. */
const lookEveryMs = 2_000;
/** So long a VM may take to be gone, as the cloud says. */
const goneWithinMs = 600_000;
/** A create whose answer was lost is asked for again, under the same name. */
const createAttempts = 3;

/** Everything that one VM goes through in a pool, one step after the other. It is destroyed whatever happens; never rejects. */
export async function testVm(context: CloudTestContext, target: VmTarget, signal: AbortSignal): Promise<VmTestResult> {
  const { clock, executorFactory, onStep } = context;
  const steps = new VmSteps(clock, (step) => onStep(target, step));
  const beganMs = clock.monotonicMs();
  const vm = new TestedVm(context, target, signal);
  let bootMs: number | undefined;
  let login: VmLogin | undefined;
  try {
    if ((await steps.try('create', () => vm.create())) && (await steps.try('boot', () => vm.boot()))) {
      login = new VmLogin(context, executorFactory(vm.instance.id), vm, signal);
      const { identity, probe, runner, command } = login.steps;
      if ((await steps.try('identity', identity)) && (await steps.try('probe', probe))) {
        bootMs = clock.monotonicMs() - beganMs;
        if (runner !== undefined) await steps.try('runner', runner);
        if (command !== undefined) await steps.try('command', command);
        await steps.try('tags', () => vm.changeTags());
        await context.beforeDestroy(vm.instance).catch(() => undefined);
      }
    }
  } finally {
    await login?.close();
  }
  if (vm.isThere && (await steps.try('destroy', () => vm.destroy()))) await steps.try('gone', () => vm.seeGone());
  const { instanceType, offering } = target;
  return {
    instanceType: instanceType.name,
    offeringId: offering.id,
    zone: offering.zone,
    preemptible: offering.preemptible,
    ...(vm.isThere && { instanceId: vm.instance.id }),
    ok: steps.steps.every(({ ok }) => ok),
    ...(bootMs === undefined ? {} : { bootMs }),
    steps: steps.steps,
  };
}

/** One VM as the cloud knows it. */
class TestedVm {
  /** What its secret file must hold. */
  readonly secret: string;
  readonly #context: CloudTestContext;
  readonly #signal: AbortSignal;
  readonly #request: ReturnType<typeof requestOf>;
  #instance: Instance | undefined;

  constructor(context: CloudTestContext, { instanceType, offering }: VmTarget, signal: AbortSignal) {
    this.#context = context;
    this.#signal = signal;
    const batch = newBatch(instanceType, offering, context.random);
    this.secret = addVm(batch, context.random, context.clock.wallMs()).secret;
    this.#request = requestOf(batch, context.options);
  }

  get isThere(): boolean {
    return this.#instance !== undefined;
  }

  get instance(): Instance {
    if (this.#instance === undefined) throw new DroverError('INTERNAL', 'the VM has not been created');
    return this.#instance;
  }

  /** Not given up when the test is: what becomes of it must be known, or a VM would be left behind. */
  async create(): Promise<string> {
    const { instanceSet } = this.#context;
    this.#signal.throwIfAborted();
    for (let attempt = 1; this.#instance === undefined; attempt += 1) {
      try {
        const [result] = await instanceSet.create(this.#request, untilDone());
        if (result?.ok !== true) throw result?.error ?? new InvalidRequestError('the driver gave no result');
        this.#instance = result.instance;
      } catch (error) {
        const inDoubt = DroverError.is(error) && error.code === 'CLOUD_TRANSIENT';
        if (!inDoubt || attempt === createAttempts) throw error;
      }
    }
    return this.#instance.id;
  }

  async boot(): Promise<string> {
    const { options } = this.#context;
    const { id } = this.instance;
    const found = await eventually(this.#patience('a running VM in the list', options.timeoutBootingMs), async () => {
      const listed = (await this.#list()).find((instance) => instance.id === id);
      if (listed?.lifecycle === 'terminated' || listed?.lifecycle === 'stopping')
        throw new InvalidRequestError(`the cloud lists it as ${listed.lifecycle} before it was up`);
      return listed?.lifecycle === 'running' && listed.address !== '' ? listed : undefined;
    });
    this.#instance = found;
    return `${found.address}${found.zone === undefined ? '' : ` in ${found.zone}`}`;
  }

  async changeTags(): Promise<string> {
    const { instanceSet, options } = this.#context;
    const key = tagKey(options, 'CloudTest');
    await instanceSet.setTags(this.instance, { [key]: 'passed' }, { signal: this.#signal });
    await eventually(this.#patience('the tag in the list', options.consistencyMs), async () => {
      const listed = (await this.#list()).find((instance) => instance.id === this.instance.id);
      return listed?.tags[key] === 'passed' ? true : undefined;
    });
    return `${key} is set and read again`;
  }

  async destroy(): Promise<string> {
    const { instanceSet } = this.#context;
    const patience = { ...this.#patience('an accepted destroy', goneWithinMs), ...untilDone() };
    await eventually(patience, async () => {
      await instanceSet.destroy(this.instance, untilDone());
      return true;
    });
    return this.instance.id;
  }

  async seeGone(): Promise<string> {
    const { instanceSet } = this.#context;
    const patience = { ...this.#patience('the end of the VM', goneWithinMs), ...untilDone() };
    return eventually(patience, async () => {
      const seen = await instanceSet.describe(this.instance.id, untilDone());
      if (seen === 'gone') return 'the cloud does not know it any more';
      if (seen.lifecycle === 'terminated') return 'the cloud says terminated';
      // Accepted, and nothing came of it.
      if (seen.lifecycle !== 'stopping') await instanceSet.destroy(this.instance, untilDone());
      return undefined;
    });
  }

  async #list(): Promise<readonly Instance[]> {
    const { instanceSet, options } = this.#context;
    const { instances } = await instanceSet.list(setTags(options), { signal: this.#signal });
    return instances.filter((instance) => belongsToSet(options, instance));
  }

  #patience(what: string, withinMs: number): Patience {
    return { clock: this.#context.clock, what, withinMs, everyMs: lookEveryMs, signal: this.#signal };
  }
}

/** For what must be finished even when the test is given up; the throttle ends each call at its own deadline. */
function untilDone(): { readonly signal: AbortSignal } {
  return { signal: new AbortController().signal };
}
