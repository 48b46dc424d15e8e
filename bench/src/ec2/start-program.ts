import type { Clock, Random } from '@drover/spec';

// Prints how many milliseconds it took to load the driver and the SDK and to make a client. The ports are not what is measured.
const clock: Clock = {
  wallMs: () => 0,
  monotonicMs: () => 0,
  timer: () => () => undefined,
  sleep: () => Promise.resolve(),
};
const random: Random = { next: () => 0, hex: () => '' };
const started = performance.now();
const { driver, ec2Params } = await import('@drover/driver-ec2');
const set = await driver.open(ec2Params.parse({ region: 'us-east-1' }), {
  clock,
  random,
  instanceSetId: 'bench',
  tagKeyPrefix: '',
  instanceTypes: [],
  stateDirectory: '/nonexistent',
});
console.log(performance.now() - started);
await set.close();
