import { type Release, Semaphore } from './semaphore.ts';

/** Keeps the number of handshakes in hand, shared by all executors of one factory. */
export interface HandshakeLimiter {
  /** Before the TCP connection: at most `perHost` handshakes at one address (sshd's MaxStartups counts from there on). */
  host(address: string, signal: AbortSignal): Promise<Release>;
  /** Before the first SSH byte: at most `total` everywhere. After TCP, so that hosts that do not answer block nobody. */
  total(signal: AbortSignal): Promise<Release>;
}

export function createHandshakeLimiter(limits: { readonly perHost: number; readonly total: number }): HandshakeLimiter {
  const hosts = new Map<string, Semaphore>();
  const total = new Semaphore({ max: limits.total });
  return {
    host: async (address, signal) => {
      const semaphore = hosts.get(address) ?? new Semaphore({ max: limits.perHost });
      hosts.set(address, semaphore);
      const forget = (): void => {
        if (semaphore.held === 0 && semaphore.waiting === 0 && hosts.get(address) === semaphore) hosts.delete(address);
      };
      try {
        const release = await semaphore.acquire(signal);
        return () => {
          release();
          forget();
        };
      } catch (error) {
        forget();
        throw error;
      }
    },
    total: (signal) => total.acquire(signal),
  };
}
