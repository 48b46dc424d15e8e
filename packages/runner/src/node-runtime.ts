import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { DroverError, type RunnerRuntime, type RuntimeProgram } from '@drover/spec';
import { helpers, type NodePlatform } from './platform-helper.ts';
import { shellWord } from './shell-word.ts';

/** The agent is built for it. */
const oldestNode = 20;

/** So that a VM's SSH server, and the memory here, hold little at a time. */
const pieceBytes = 4 * 1024 * 1024;

/** Where Node for VMs comes from. */
export interface NodeRuntimeOptions {
  /** Node on the VM: a name looked up in PATH, or a path. */
  readonly node: string;
  /** Paths of Node programs here, by the platform that they are for. */
  readonly binaries: Readonly<Partial<Record<NodePlatform, string>>>;
  /** Packed programs are kept there; nobody else may write to it, since VMs run what lies there as root. */
  readonly cacheDirectory: string;
}

/** The Node that runs this, for VMs of the same platform. */
export function ownNode(): NodeRuntimeOptions['binaries'] {
  const here = helpers.find(({ node }) => node === `${process.platform}-${process.arch}`);
  return here === undefined ? {} : { [here.node]: process.execPath };
}

/** Node.js for VMs whose image has none, or one that is too old for the agent. */
export function nodeRuntime({ node, binaries, cacheDirectory }: NodeRuntimeOptions): RunnerRuntime {
  const packed = new Map<string, Promise<PackedProgram>>();
  return {
    name: 'node',
    description: `Node.js ${oldestNode} or newer`,
    checkCommand: `${shellWord(node)} -e 'process.exit(parseInt(process.versions.node) < ${oldestNode} ? 1 : 0)'`,
    load: async (platform) => {
      const helper = helpers.find(({ uname }) => uname === platform);
      const path = helper === undefined ? undefined : binaries[helper.node];
      if (path === undefined) return undefined;
      const before = packed.get(path);
      // Whoever empties the folder while this runs costs it a second packing, and not every VM from then on.
      const isLost = before !== undefined && !(await isKept(before));
      if (isLost && packed.get(path) === before) packed.delete(path);
      const program = packed.get(path) ?? pack(path, cacheDirectory);
      packed.set(path, program);
      try {
        return await program;
      } catch (error) {
        if (packed.get(path) === program) packed.delete(path);
        throw error;
      }
    },
  };
}

/** A program and the file here that holds it. */
interface PackedProgram extends RuntimeProgram {
  readonly file: string;
}

/** False when its file is gone. One that is not packed yet, or could not be, is for its caller to wait for. */
async function isKept(program: Promise<PackedProgram>): Promise<boolean> {
  const { file } = await program.catch(() => ({ file: undefined }));
  return file === undefined || exists(file);
}

/** Packs it once for all VMs: gzip of 120 MB costs four seconds of a core [measured]. */
async function pack(path: string, cacheDirectory: string): Promise<PackedProgram> {
  try {
    const { size } = await stat(path);
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    const digest = hash.digest('hex');
    const file = `${cacheDirectory}/node-${digest}.gz`;
    if (!(await exists(file))) await packInto(path, file);
    return { file, hash: digest, sizeBytes: size, pieces: () => createReadStream(file, { highWaterMark: pieceBytes }) };
  } catch (cause) {
    throw new DroverError('RUNNER_UNAVAILABLE', `Node for the VMs cannot be packed: ${path}`, {
      cause,
      retryable: true,
      fix: `see that it can be read and that ${cacheDirectory} has 50 MB of room, or install Node.js in the image`,
    });
  }
}

/** Under its name only when it is whole and on the disk. */
async function packInto(path: string, file: string): Promise<void> {
  await mkdir(file.slice(0, file.lastIndexOf('/')), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomUUID()}.new`;
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(temporary, { mode: 0o600, flush: true }));
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch {
    return false;
  }
}
