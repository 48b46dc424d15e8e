import type { InstanceView } from '@drover/spec';
import { expect, test } from 'vitest';
import type { FleetGauges } from './fleet-gauges.ts';
import { createMetrics } from './metrics.ts';

const empty: FleetGauges = {
  instances: [],
  probeAgeMaxSeconds: 0,
  probeAgeMedianSeconds: 0,
  queue: [],
  allocatedNotStarted: 0,
  overQuota: 0,
  longestWaitSeconds: 0,
  lastOverloadSeconds: 0,
  maxConcurrentContainers: 0,
  atQuota: false,
};

function instance(over: Partial<InstanceView>): InstanceView {
  return {
    instanceId: 'i-1',
    address: '127.0.0.1',
    pricePerHour: 0.5,
    instanceType: 'small',
    providerType: 'p.small',
    state: 'idle',
    idleBehavior: 'run',
    createdAtMs: 0,
    containers: [],
    vcpus: 2,
    ramBytes: 1024,
    ...over,
  };
}

// Names and labels of the reference dispatcher (semantics.md, "Metrics"), each as it must read before anything happened.
const fromTheStart = [
  'containers_running 0',
  'instances_total{category="inuse",instance_type="small"} 0',
  'instances_total{category="hold",instance_type="small"} 0',
  'instances_total{category="booting",instance_type="small"} 0',
  'instances_total{category="unknown",instance_type="small"} 0',
  'instances_total{category="idle",instance_type="small"} 0',
  'instances_price{category="idle"} 0',
  'vcpus_total{category="booting"} 0',
  'memory_bytes_total{category="inuse"} 0',
  'boot_outcomes{outcome="success"} 0',
  'boot_outcomes{outcome="failure"} 0',
  'boot_outcomes{outcome="aborted"} 0',
  'boot_outcomes{outcome="disappeared"} 0',
  'instances_disappeared{state="shutdown"} 0',
  'instances_time_to_ssh_seconds{quantile="0.99"} 0',
  'instances_time_to_ready_for_container_seconds_count 0',
  'instances_time_from_shutdown_request_to_disappearance_seconds_count 0',
  'containers_time_from_queue_to_crunch_run_seconds{quantile="0.5"} 0',
  'instances_run_probe_duration_seconds_count{outcome="success"} 0',
  'instances_run_probe_duration_seconds_count{outcome="fail"} 0',
  'probe_age_seconds_max 0',
  'probe_age_seconds_median 0',
  'driver_operations{operation="Create",error="0"} 0',
  'driver_operations{operation="SetTags",error="1"} 0',
  'queue_entries{state="Queued",instance_type="small"} 0',
  'containers_allocated_not_started 0',
  'containers_not_allocated_over_quota 0',
  'containers_longest_wait_time_seconds 0',
  'last_503_time 0',
  'max_concurrent_containers 0',
  'at_quota 0',
];

test('every series of the reference is there from the start', async () => {
  const { text } = await createMetrics({ referenceNames: true, instanceTypes: ['small'] }, () => empty).text();
  const lines = new Set(text.split('\n'));
  expect(fromTheStart.filter((line) => !lines.has(`arvados_dispatchcloud_${line}`))).toEqual([]);
});

test('without the switch no name of the reference appears', async () => {
  const { text } = await createMetrics({ referenceNames: false, instanceTypes: ['small'] }, () => empty).text();
  expect(text).not.toContain('arvados');
  expect(text).toContain('drover_at_quota 0');
});

test('gauges show the fleet as it is at the scrape', async () => {
  let fleet = empty;
  const metrics = createMetrics({ referenceNames: true, instanceTypes: ['small'] }, () => fleet);
  await metrics.text();
  fleet = {
    ...empty,
    atQuota: true,
    probeAgeMaxSeconds: 4,
    probeAgeMedianSeconds: 2,
    queue: [{ state: 'Locked', instanceType: 'small', count: 3 }],
    instances: [
      instance({ containers: ['zzzzz-dz642-000000000000000'], state: 'running' }),
      instance({ instanceId: 'i-2', idleBehavior: 'hold' }),
      instance({ instanceId: '', state: 'booting' }),
    ],
  };
  const { text } = await metrics.text();
  for (const line of [
    'containers_running 1',
    'instances_total{category="inuse",instance_type="small"} 1',
    'instances_total{category="hold",instance_type="small"} 1',
    'instances_total{category="booting",instance_type="small"} 0',
    'instances_price{category="hold"} 0.5',
    'probe_age_seconds_max 4',
    'probe_age_seconds_median 2',
    'queue_entries{state="Locked",instance_type="small"} 3',
    'at_quota 1',
  ]) {
    expect(text).toContain(`arvados_dispatchcloud_${line}\n`);
  }
  expect(text).toContain('drover_containers{state="Locked"} 3\n');
});

test('events are counted, and the two boot durations kept apart', async () => {
  const metrics = createMetrics({ referenceNames: true, instanceTypes: [] }, () => empty);
  metrics.observe({ type: 'cloud-call', operation: 'Create', durationMs: 5 });
  metrics.observe({ type: 'cloud-call', operation: 'Describe', durationMs: 5 });
  metrics.observe({ type: 'ssh-connected', instanceId: 'i-1', sinceCreateMs: 2000 });
  metrics.observe({ type: 'instance-ready', instanceId: 'i-1', sinceCreateMs: 5000 });
  metrics.observe({
    type: 'instance-gone',
    instanceId: 'i-1',
    instanceType: 'a',
    state: 'shutdown',
    sinceShutdownMs: 500,
  });
  const { text } = await metrics.text();
  for (const line of [
    'driver_operations{operation="Create",error="0"} 1',
    'instances_time_to_ssh_seconds_sum 2',
    'instances_time_to_ready_for_container_seconds_sum 3',
    'instances_time_from_shutdown_request_to_disappearance_seconds_sum 0.5',
    'instances_disappeared{state="shutdown"} 1',
  ]) {
    expect(text).toContain(`arvados_dispatchcloud_${line}\n`);
  }
  expect(text).not.toContain('arvados_dispatchcloud_driver_operations{operation="Describe"');
});

test('the JSON form groups quantiles and buckets by family', async () => {
  const metrics = createMetrics({ referenceNames: true, instanceTypes: [] }, () => empty);
  metrics.observe({ type: 'probe', instanceId: 'i-1', durationMs: 1500, ok: true });
  metrics.observe({ type: 'pass', durationMs: 2, waiting: 1, actions: 0 });
  const families = new Map((await metrics.json()).map((family) => [family.name, family]));
  const probe = families.get('arvados_dispatchcloud_instances_run_probe_duration_seconds');
  expect(probe?.type).toBe('SUMMARY');
  const ok = probe?.metric.find((sample) => sample.label.some((label) => label.value === 'success'));
  expect(ok?.summary).toMatchObject({ sampleCount: '1', sampleSum: 1.5 });
  expect(ok?.summary?.quantile).toContainEqual({ quantile: 0.5, value: 1.5 });
  const pass = families.get('drover_scheduling_pass_seconds');
  expect(pass?.metric[0]?.histogram).toMatchObject({ sampleCount: '1', sampleSum: 0.002 });
  expect(pass?.metric[0]?.histogram?.bucket.at(-1)).toEqual({ cumulativeCount: '1', upperBound: '+Inf' });
});

test("a driver's own series are on both pages, under the reference's names too", async () => {
  const metrics = createMetrics(
    {
      referenceNames: true,
      instanceTypes: [],
      driverSeries: () => [
        { name: 'ec2_instances', kind: 'gauge', help: 'By subnet.', labels: { subnet_id: 'subnet-1' }, value: 3 },
      ],
    },
    () => empty,
  );
  expect((await metrics.text()).text).toContain('arvados_dispatchcloud_ec2_instances{subnet_id="subnet-1"} 3\n');
  const families = new Map((await metrics.json()).map((family) => [family.name, family]));
  for (const name of ['drover_ec2_instances', 'arvados_dispatchcloud_ec2_instances'])
    expect(families.get(name)?.metric).toEqual([
      { label: [{ name: 'subnet_id', value: 'subnet-1' }], gauge: { value: 3 } },
    ]);
});
