import { InvalidRequestError } from '@drover/spec';
import { expect, test } from 'vitest';
import { untilAborted } from './until-aborted.ts';

const attempt = {
  driver: 'example',
  doing: 'list the VMs',
  mapError: (error: unknown) => new InvalidRequestError(`mapped: ${String(error)}`),
};

function never(): Promise<never> {
  return new Promise(() => undefined);
}

test('gives what the work gives, and maps what it rejects with', async () => {
  const { signal } = new AbortController();
  expect(await untilAborted(attempt, { signal }, async () => 7)).toBe(7);
  await expect(untilAborted(attempt, { signal }, () => Promise.reject(new Error('no')))).rejects.toMatchObject({
    code: 'CLOUD_INVALID_REQUEST',
    message: 'mapped: Error: no',
  });
});

test('an abort rejects at once although the work goes on, and says why', async () => {
  const controller = new AbortController();
  const call = untilAborted(attempt, controller, never);
  const reason = new Error('stopping');
  controller.abort(reason);
  await expect(call).rejects.toMatchObject({
    code: 'CLOUD_TRANSIENT',
    message: 'example: gave up waiting to list the VMs',
    cause: reason,
  });
});

test('nothing is begun for a caller that has gone', async () => {
  let isBegun = false;
  const work = async (): Promise<void> => {
    isBegun = true;
  };
  await expect(untilAborted(attempt, { signal: AbortSignal.abort() }, work)).rejects.toMatchObject({
    code: 'CLOUD_TRANSIENT',
  });
  expect(isBegun).toBe(false);
});

test('what the SDK says about the abort is not what is reported', async () => {
  const controller = new AbortController();
  const work = async (): Promise<void> => {
    controller.abort();
    throw new Error('AbortError of the SDK');
  };
  await expect(untilAborted(attempt, controller, work)).rejects.toMatchObject({ code: 'CLOUD_TRANSIENT' });
});
