import { expect, test } from 'vitest';
import { call, createOne, setTags, world } from './gce-world.ts';

test('when somebody else changes the labels in between, both changes stay', async () => {
  const at = await world();
  const instance = await createOne(at.set);
  let changes = 0;
  at.fake.cloud.faults.intercept = ({ id }) => {
    const [vm] = at.fake.cloud.all();
    if (id === 'compute.instances.setLabels' && vm !== undefined && changes < 2) {
      changes += 1;
      vm.labels = { ...vm.labels, [`theirs-${changes}`]: 'x' };
    }
    return undefined;
  };
  await at.set.setTags(instance, { ours: 'y' }, call());
  expect(changes).toBe(2);
  expect(await at.set.describe(instance.id, call())).toMatchObject({
    tags: { ...setTags, ours: 'y', 'theirs-1': 'x', 'theirs-2': 'x' },
  });
});

test('two changes at once are both kept', async () => {
  const at = await world();
  const instance = await createOne(at.set);
  await Promise.all([at.set.setTags(instance, { a: '1' }, call()), at.set.setTags(instance, { b: '2' }, call())]);
  expect(await at.set.describe(instance.id, call())).toMatchObject({ tags: { ...setTags, a: '1', b: '2' } });
});

test('labels that are somebody else’s, and cannot be tags, stay', async () => {
  const at = await world();
  const instance = await createOne(at.set);
  const [vm] = at.fake.cloud.all();
  if (vm === undefined) throw new Error('no VM');
  vm.labels = { ...vm.labels, foreign_9: 'kept' };
  await at.set.setTags(instance, { a: '1' }, call());
  expect(at.fake.cloud.all()[0]?.labels).toMatchObject({ foreign_9: 'kept', a: '1', drover_set: expect.any(String) });
});

test('a tag that grows too long for a label moves into the metadata, and back', async () => {
  const at = await world();
  const instance = await createOne(at.set);
  const seen = async (): Promise<unknown> => at.set.describe(instance.id, call());
  const long = 'Z'.repeat(50);
  await at.set.setTags(instance, { note: long }, call());
  expect(await seen()).toMatchObject({ tags: { ...setTags, note: long } });
  await at.set.setTags(instance, { note: 'short' }, call());
  expect(await seen()).toMatchObject({ tags: { ...setTags, note: 'short' } });
  expect(at.fake.cloud.all()[0]?.metadata.some(({ key }) => key === 'drover-tags')).toBe(false);
});

test('tags that are as they should be cost no change', async () => {
  const at = await world();
  const instance = await createOne(at.set);
  await at.set.setTags(instance, setTags, call());
  expect(at.fake.calls.filter(({ id }) => id === 'compute.instances.setLabels')).toEqual([]);
});
