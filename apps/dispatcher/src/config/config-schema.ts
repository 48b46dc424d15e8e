import { duration, size } from '@drover/management-api';
import * as z from 'zod';

/** Whole number, 0 or more. */
const count = (): z.ZodNumber => z.number().int().nonnegative();

const gpu = z.strictObject({
  stack: z.enum(['cuda', 'rocm']),
  count: z.number().int().positive(),
  vram: size().describe('Memory of each device.'),
  driverVersion: z.string().default(''),
  hardwareTarget: z.string().describe('CUDA compute capability (8.6) or ROCm target (gfx1100).'),
});

const instanceType = z.strictObject({
  providerType: z.string().min(1).optional().describe("The cloud's name; default: this type's name."),
  vcpus: z.number().int().positive(),
  ram: size(),
  includedScratch: size().default(0).describe('Disk that comes with the VM.'),
  addedScratch: size().default(0).describe('Disk that the driver adds.'),
  price: z.number().nonnegative().describe('Per hour.'),
  preemptible: z.boolean().default(false),
  gpu: gpu.optional(),
});

const pool = z.strictObject({
  maxInstances: count().optional().describe('VMs at most; 0: no limit. Default 64.'),
  maxConcurrentCreates: count().optional().describe('Creates under way at once; 0: no limit. Default 10.'),
  maxCloudOpsPerSecond: z
    .number()
    .nonnegative()
    .optional()
    .describe('All calls to the cloud; 0: no limit. Default 10.'),
  maxProbesPerSecond: z.number().nonnegative().optional().describe('Default 100.'),
  syncInterval: duration().optional().describe('Between two listings of the cloud. Default 1m.'),
  probeInterval: duration().optional().describe('Between two probes of a VM. Default 10s.'),
  timeoutIdle: duration().optional().describe('An idle VM is shut down after this. Default 1m.'),
  timeoutBooting: duration().optional().describe('A VM must be ready within this. Default 10m.'),
  timeoutProbe: duration().optional().describe('A VM that has not answered for this long is given up. Default 10m.'),
  probeTimeout: duration().optional().describe('A VM has this long to answer one probe. Default 30s.'),
  replyTimeout: duration()
    .optional()
    .describe('A runner that leaves a request unanswered for this long is reached anew. Default 30s.'),
  timeoutShutdown: duration().optional().describe('A VM still listed after this is destroyed again. Default 10s.'),
  bootRetryInterval: duration()
    .optional()
    .describe('Between two attempts at a VM that boots; sshd locks out who knocks too often. Default 10s.'),
  killGrace: duration().optional().describe('A container has this long between SIGTERM and SIGKILL. Default 10s.'),
  timeoutTerm: duration()
    .optional()
    .describe('A container that cannot be killed within this drains its VM. Default 2m.'),
  timeoutSignal: duration().optional().describe('Between two signals to a container that is to end. Default 5s.'),
  timeoutStaleRunLock: duration().optional().describe('A lock without supervisor is tolerated this long. Default 5s.'),
  maxUsesPerInstance: count().optional().describe('Containers after which a VM is replaced; 0: no limit. Default 0.'),
  maxInstanceAge: duration().optional().describe('Age at which a VM is replaced; 0: no limit. Default 0.'),
  bootProbeCommand: z
    .string()
    .optional()
    .describe('Succeeds once the VM has booted. Default: systemctl is-system-running.'),
  instanceInitCommand: z.string().optional().describe('Runs once as root at first boot.'),
  imageId: z.string().optional(),
  tagKeyPrefix: z.string().optional().describe('Prefix of tag keys. Default Arvados.'),
  resourceTags: z.record(z.string(), z.string()).optional().describe('More tags for every VM.'),
  deployDirectory: z.string().optional().describe('Where the runner goes on a VM. Default /var/lib/drover.'),
});

const scheduling = z.strictObject({
  maxContainersPerInstance: count().optional().describe('0: as many as fit. Default 0.'),
  initialQuotaEstimate: count().optional().describe('0: maxInstances. Default 0.'),
  supervisorFraction: z.number().min(0).max(1).optional().describe('Default 0.5.'),
  maximumPriceFactor: z.number().nonnegative().optional().describe('Default 1.5.'),
  reserveExtraRam: size().optional().describe('RAM of each VM kept from containers. Default 550MiB.'),
  preemptiblePriceFactor: z
    .number()
    .nonnegative()
    .default(0)
    .describe('Adds NAME.preemptible at price × factor; 0: none.'),
  pollInterval: duration().optional().describe('Between two polls of the queue. Default 10s.'),
  staleLockTimeout: duration().optional().describe('Default 1m.'),
  infrastructureAttempts: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('Losses in a row that end a container. Default 5.'),
  spotInterruptions: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('Interruptions after which a container that prefers spot VMs runs on demand only. Default 3.'),
});

const bastion = z.strictObject({
  address: z.string().min(1).describe('HOST, HOST:PORT or [V6]:PORT.'),
  user: z.string().min(1),
  hostKeys: z
    .array(z.string().regex(/^[a-z0-9@.-]+ [A-Za-z0-9+/]+=*$/, 'must be like "ssh-ed25519 AAAA…", without a host name'))
    .min(1, 'needs at least one, as ssh-keyscan prints it without the host name, once you have checked it')
    .describe('Its public host keys; it is never trusted on first use.'),
  privateKey: z.string().optional().describe('file:PATH or env:NAME; default: the key for the VMs.'),
});

const ssh = z.strictObject({
  user: z.string().optional(),
  port: z
    .union([z.number().int().min(1).max(65_535), z.string().min(1)])
    .optional()
    .describe('Default 22.'),
  privateKey: z
    .string()
    .optional()
    .describe('file:PATH or env:NAME; default: a key of its own in the state directory.'),
  bastion: bastion.optional().describe('A host with SSH through which all VMs are reached.'),
  deployPublicKey: z.boolean().default(true).describe('Put the public key on new VMs; false: the image brings it.'),
});

const path = z.string().min(1);

const runner = z.strictObject({
  node: path.optional().describe('Node on the VMs: a name looked up in PATH, or a path. Default node.'),
  nodeBinaries: z
    .strictObject({ 'linux-x64': path.exactOptional(), 'linux-arm64': path.exactOptional() })
    .optional()
    .describe('Node for VMs without one, by platform: paths here. For its own platform the dispatcher sends its own.'),
  imageEngine: z.enum(['docker', 'podman']).optional().describe('Runs containers that have an image. Default docker.'),
  powerOffCommand: z
    .string()
    .optional()
    .describe(
      'Ends a VM that has heard of no dispatcher for an hour and has nothing left. Default: none, it only waits.',
    ),
});

const api = z.strictObject({
  host: z.string().default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535).default(8787),
  token: z.string().optional().describe('file:PATH or env:NAME; default: a token of its own in the state directory.'),
});

const trace = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe('Record what containers asked for and what VMs did, for drover simulate; no commands, no environment.'),
  path: z.string().min(1).optional().describe('Default: trace.ndjson in the state directory.'),
  maxSize: size()
    .default(64 * 1024 * 1024)
    .describe('Of all its files together; the oldest go. Default 64MiB.'),
  names: z.boolean().default(false).describe('Record the names of containers too.'),
});

/** One `drover.yaml`. Absent numbers mean the default of the part they belong to. */
export const configSchema = z.strictObject({
  cluster: z
    .string()
    .regex(/^[a-z0-9]{5}$/, 'five of a-z and 0-9')
    .default('drovr')
    .describe('First part of every UUID.'),
  instanceSetId: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('Marks the VMs of this dispatcher; default: made once.'),
  stateDirectory: z.string().min(1).default('.drover'),
  driver: z.looseObject({ name: z.string().min(1) }).default({ name: 'loopback' }),
  queue: z.strictObject({ name: z.literal('sqlite').default('sqlite'), path: z.string().optional() }).prefault({}),
  instanceTypes: z.record(z.string().min(1), instanceType).optional(),
  pool: pool.prefault({}),
  scheduling: scheduling.prefault({}),
  ssh: ssh.prefault({}),
  runner: runner.prefault({}),
  api: api.prefault({}),
  logs: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
  trace: trace.prefault({}),
  metrics: z.strictObject({ referenceNames: z.boolean().default(true) }).prefault({}),
});

/** The validated file, sizes in bytes and durations in milliseconds. */
export type ConfigFile = z.infer<typeof configSchema>;
