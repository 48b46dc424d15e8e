import { syncBuiltinESMExports } from 'node:module';

/** What reaches out of the process or brings chance into it, by module. */
const watched: Readonly<Record<string, readonly string[]>> = {
  fs: [
    'readFileSync',
    'writeFileSync',
    'appendFileSync',
    'openSync',
    'statSync',
    'existsSync',
    'mkdirSync',
    'rmSync',
    'readdirSync',
    'readFile',
    'writeFile',
    'open',
    'createReadStream',
    'createWriteStream',
  ],
  'fs/promises': ['readFile', 'writeFile', 'open', 'mkdir', 'rm', 'stat', 'readdir'],
  net: ['connect', 'createConnection', 'createServer'],
  http: ['request', 'get', 'createServer'],
  https: ['request', 'get'],
  dgram: ['createSocket'],
  dns: ['lookup', 'resolve'],
  child_process: ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'],
  crypto: ['randomBytes', 'randomUUID', 'randomInt', 'randomFillSync', 'generateKeyPairSync'],
  timers: ['setTimeout', 'setInterval', 'setImmediate'],
};

let tell: ((what: string) => void) | undefined;
let isInstalled = false;

/**
 * From now on `listener` hears of every call that reaches out: files, sockets, processes, real chance. The calls go through. The
 * watchers are put in once and stay, for to change a built-in module is dear; without a listener they do nothing.
 */
export function watchIo(listener: (what: string) => void): () => void {
  if (!isInstalled) install();
  isInstalled = true;
  tell = listener;
  return () => {
    tell = undefined;
  };
}

function install(): void {
  for (const [name, functions] of Object.entries(watched)) {
    const loaded: unknown = process.getBuiltinModule(name);
    if (!isRecord(loaded)) continue;
    for (const key of functions) {
      const real = loaded[key];
      if (isFunction(real)) loaded[key] = telling(real, `${name}.${key}`);
    }
  }
  // What others have imported by name is replaced too.
  syncBuiltinESMExports();
}

function telling(real: (...values: unknown[]) => unknown, what: string): typeof real {
  return new Proxy(real, {
    apply: (target, self, values) => {
      tell?.(what);
      return Reflect.apply(target, self, values);
    },
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isFunction(value: unknown): value is (...values: unknown[]) => unknown {
  return typeof value === 'function';
}
