import { expect, test } from 'vitest';
import { call, createOne, world } from './gce-world.ts';

test('none while the VM has not published them, then those that it has', async () => {
  const at = await world();
  at.fake.cloud.faults.hostKeysPublished = false;
  const { id } = await createOne(at.set);
  expect(await at.set.hostKeys?.(id, call())).toEqual([]);
  at.fake.cloud.faults.hostKeysPublished = true;
  expect(await at.set.hostKeys?.(id, call())).toEqual([
    expect.stringMatching(/^ssh-ed25519 [A-Za-z0-9+/]+=*$/),
    expect.stringMatching(/^ecdsa-sha2-nistp256 /),
  ]);
});

test('a VM that does not exist has none to give', async () => {
  const at = await world();
  await expect(at.set.hostKeys?.('us-central1-a/drover-none', call())).rejects.toMatchObject({
    code: 'CLOUD_NOT_FOUND',
  });
});
