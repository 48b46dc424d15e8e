import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
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

/** What users run. */
const drover = fileURLToPath(new URL('../../apps/cli/bin/drover.js', import.meta.url));

/** Starts `drover up` with this configuration (YAML). */
export async function startDispatcher(yaml: string): Promise<DispatcherProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'drover-bench-'));
  const state = join(folder, 'state');
  const config = join(folder, 'drover.yaml');
  writeFileSync(config, `stateDirectory: ${state}\napi: { port: 0 }\nlogs: { level: error }\n${yaml}`);
  const flags = (process.env['DROVER_BENCH_NODE_FLAGS'] ?? '').split(' ').filter(Boolean);
  const started = performance.now();
  const child = spawn(process.execPath, [...flags, drover, 'up', '--drain', '-c', config], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.startsWith('drover is ready')) resolve();
      else if (!/^(shutting down|stopped;)/.test(line)) console.error(line);
    });
    child.once('exit', (code) => reject(new Error(`the dispatcher ended early (exit ${code})`)));
  });
  const startMs = performance.now() - started;
  return {
    client: createClient(endpointIn(state)),
    pid: child.pid ?? 0,
    startMs,
    async close() {
      child.kill();
      if (child.exitCode === null && child.signalCode === null)
        await new Promise((resolve) => child.once('exit', resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function endpointIn(state: string): { readonly url: string; readonly token: string } {
  const value: unknown = JSON.parse(readFileSync(join(state, 'endpoint.json'), 'utf8'));
  const fields: Record<string, unknown> = Object.fromEntries(Object.entries(Object(value)));
  return { url: String(fields['url']), token: String(fields['token']) };
}
