import { watchIo } from './io-guard.ts';

/** The code whose use of real time or chance would make a run unrepeatable. */
const ours = /[\\/](packages|apps)[\\/][^\\/]+[\\/](src|dist)[\\/]/;

/**
 * Watches over everything that would let the real world into a simulation: real timers, clocks and chance, files, sockets and
 * processes. While it is armed, a use of one from this repository's own code is recorded; everybody else (the test runner) is left in peace.
 */
export class RealTimeGuard {
  readonly #uses = new Set<string>();
  readonly #restore: (() => void)[] = [];

  /** Each forbidden call that was made, with the place that made it. */
  get uses(): readonly string[] {
    return [...this.#uses];
  }

  arm(): void {
    const { setTimeout: realTimeout, setInterval: realInterval, Date: RealDate } = globalThis;
    const random = Math.random.bind(Math);
    const now = performance.now.bind(performance);
    const note = (what: string): void => this.#note(what);
    globalThis.setTimeout = watched(realTimeout, () => note('setTimeout'));
    globalThis.setInterval = watched(realInterval, () => note('setInterval'));
    globalThis.Date = new Proxy(RealDate, {
      construct: (target, values, newTarget) => {
        if (values.length === 0) note('new Date()');
        const made: unknown = Reflect.construct(target, values, newTarget);
        return made instanceof RealDate ? made : new RealDate(Number.NaN);
      },
      get: (target, key) => {
        if (key === 'now') note('Date.now');
        return Reflect.get(target, key);
      },
    });
    Math.random = watched(random, () => note('Math.random'));
    performance.now = watched(now, () => note('performance.now'));
    const { fetch: realFetch, setImmediate: realImmediate } = globalThis;
    globalThis.fetch = watched(realFetch, () => note('fetch'));
    globalThis.setImmediate = watched(realImmediate, () => note('setImmediate'));
    const unwatchIo = watchIo(note);
    this.#restore.push(() => {
      unwatchIo();
      globalThis.fetch = realFetch;
      globalThis.setImmediate = realImmediate;
      globalThis.setTimeout = realTimeout;
      globalThis.setInterval = realInterval;
      globalThis.Date = RealDate;
      Math.random = random;
      performance.now = now;
    });
  }

  disarm(): void {
    for (const restore of this.#restore.splice(0)) restore();
  }

  #note(what: string): void {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 10;
    const frames = (new Error('where').stack ?? '').split('\n').slice(1);
    Error.stackTraceLimit = limit;
    const caller = frames.find((frame) => !/(real-time|io)-guard\.ts/.test(frame));
    if (caller !== undefined && ours.test(caller) && !caller.includes('node_modules'))
      this.#uses.add(`${what} ${caller.trim()}`);
  }
}

/** The same function, telling of every call first. */
function watched<F extends (...values: never[]) => unknown>(real: F, tell: () => void): F {
  return new Proxy(real, {
    apply: (target, self, values) => {
      tell();
      return Reflect.apply(target, self, values);
    },
  });
}
