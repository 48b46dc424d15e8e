import { expect, test } from 'vitest';
import { configSchema } from './config-schema.ts';
import { pacingSettings, poolSettings, queueLimits, schedulingSettings } from './pool-settings.ts';

const durations = [
  'syncInterval',
  'probeInterval',
  'timeoutIdle',
  'timeoutBooting',
  'timeoutProbe',
  'probeTimeout',
  'replyTimeout',
  'killGrace',
  'timeoutShutdown',
  'timeoutTerm',
  'timeoutSignal',
  'timeoutStaleRunLock',
] as const;

test.each([
  ...durations.map((key) => ({ key, pool: { [key]: '7s' }, expected: { [`${key}Ms`]: 7000 } })),
  { key: 'bootRetryInterval', pool: { bootRetryInterval: '7s' }, expected: { bootRetryMs: 7000 } },
  { key: 'maxInstanceAge', pool: { maxInstanceAge: '7s' }, expected: { maxAgeMs: 7000 } },
  { key: 'maxUsesPerInstance', pool: { maxUsesPerInstance: 7 }, expected: { maxUses: 7 } },
  { key: 'maxInstances', pool: { maxInstances: 7 }, expected: { maxInstances: 7 } },
  { key: 'maxConcurrentCreates', pool: { maxConcurrentCreates: 7 }, expected: { maxConcurrentCreates: 7 } },
  { key: 'maxProbesPerSecond', pool: { maxProbesPerSecond: 7 }, expected: { maxProbesPerSecond: 7 } },
  {
    key: 'maxCloudOpsPerSecond',
    pool: { maxCloudOpsPerSecond: 7 },
    expected: { throttle: { maxCloudOpsPerSecond: 7 } },
  },
])('pool.$key reaches the pool', ({ pool, expected }) => {
  expect(poolSettings(configSchema.parse({ pool }))).toMatchObject(expected);
});

test('settings of scheduling reach the scheduler, its shell and the queue', () => {
  const config = configSchema.parse({
    scheduling: { maxContainersPerInstance: 3, pollInterval: '2s', staleLockTimeout: '4s', infrastructureAttempts: 2 },
  });
  expect(schedulingSettings(config)).toEqual({ maxContainersPerInstance: 3 });
  expect(pacingSettings(config)).toEqual({ pollIntervalMs: 2000, staleLockTimeoutMs: 4000 });
  expect(queueLimits(config)).toEqual({ infrastructureFailures: 2 });
});

test('what is not set is left to its owner', () => {
  const config = configSchema.parse({ driver: { name: 'other' } });
  expect(poolSettings(config)).toEqual({ throttle: {} });
  expect([schedulingSettings(config), pacingSettings(config), queueLimits(config)]).toEqual([{}, {}, {}]);
});
