/** What a shim needs to know; the native side is `native/src/request.c`. */
export interface ShimStart {
  readonly key: string;
  readonly maxRunTimeMs: number;
  readonly memoryBytes: number;
  readonly milliCpus: number;
  readonly maxLogBytes: number;
  readonly killGraceMs: number;
  /** Empty: a scratch folder of its own. */
  readonly cwd: string;
  readonly secret: string;
  /** Content of the file `env` in the run folder, mode 0600; empty: none. */
  readonly envFile: string;
  /** Image staging, outside the run-time limit; empty: none. */
  readonly prepare: readonly string[];
  readonly command: readonly string[];
  /** Runs after the command; what it prints is kept beside the result. Empty: none. */
  readonly cleanup: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Longest frame that the spawner takes; the kernel's limit for command and environment is below it. */
export const maxFrameBytes = 4 << 20;

export function encodeStart(start: ShimStart): Buffer {
  const env = Object.entries(start.env).map(([name, value]) => `${name}=${value}`);
  const fields = [
    start.key,
    start.maxRunTimeMs,
    start.memoryBytes,
    start.milliCpus,
    start.maxLogBytes,
    start.killGraceMs,
    start.cwd,
    start.secret,
    start.envFile,
    ...[start.prepare, start.command, start.cleanup, env].flatMap((list) => [list.length, ...list]),
  ];
  return frame('S', `${fields.join('\0')}\0`);
}

/** `P`: tell what is known of a run, `F`: forget it, `K`: kill what is left of a stale one. */
export function encodeOrder(letter: 'P' | 'F' | 'K', key: string): Buffer {
  return frame(letter, `${key}\0`);
}

function frame(letter: string, text: string): Buffer {
  const length = 1 + Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(4 + length);
  bytes.writeUInt32LE(length, 0);
  bytes.write(letter + text, 4);
  return bytes;
}

/** A line from the spawner. `text` is what follows the key. */
export interface SpawnerReport {
  readonly verb: SpawnerVerb;
  readonly key: string;
  readonly text: string;
}

const verbs = [
  'ready',
  'started',
  'finished',
  'finished-full',
  'running',
  'stale',
  'gone',
  'exists',
  'failed',
] as const;
export type SpawnerVerb = (typeof verbs)[number];

/** Undefined for a line of another version of the helper. */
export function parseReport(line: string): SpawnerReport | undefined {
  const [word = '', key = ''] = line.split(' ', 2);
  const verb = verbs.find((known) => known === word);
  return verb === undefined ? undefined : { verb, key, text: line.slice(word.length + key.length + 2) };
}
