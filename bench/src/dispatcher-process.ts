import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient, type DroverClient } from '@drover/management-api/client';

/** A dispatcher in a process of its own, with a state directory that goes with it. */
export interface DispatcherProcess {
  readonly client: DroverClient;
  readonly pid: number;
  /** From the start of the process until it accepted requests. */
  readonly startMs: number;
  /** Drains it and removes everything. */
  close(): Promise<void>;
}

/** Starts one with this configuration (YAML). */
export async function startDispatcher(yaml: string): Promise<DispatcherProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'drover-bench-'));
  const config = join(folder, 'drover.yaml');
  writeFileSync(config, `stateDirectory: ${join(folder, 'state')}\napi: { port: 0 }\nlogs: { level: error }\n${yaml}`);
  const started = performance.now();
  const entry = fileURLToPath(new URL('./dispatcher-child.ts', import.meta.url));
  const child = fork(entry, [config], {
    execArgv: [
      '--conditions=@drover/source',
      ...(process.env['DROVER_BENCH_NODE_FLAGS'] ?? '').split(' ').filter(Boolean),
    ],
  });
  const { url, token } = await new Promise<{ url: string; token: string }>((resolve, reject) => {
    child.once('message', (message) => {
      const fields: Record<string, unknown> = Object.fromEntries(Object.entries(Object(message)));
      resolve({ url: String(fields['url']), token: String(fields['token']) });
    });
    child.once('exit', (code) => reject(new Error(`the dispatcher ended early (exit ${code})`)));
  });
  const startMs = performance.now() - started;
  return {
    client: createClient({ url, token }),
    pid: child.pid ?? 0,
    startMs,
    async close() {
      child.send('drain');
      if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
