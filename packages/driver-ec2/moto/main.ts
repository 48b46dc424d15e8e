import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { installMoto } from './install-moto.ts';
import { startMoto } from './start-moto.ts';

// `npm run test:moto`: the driver against moto's server, behind a proxy that does what moto does not.
const python = installMoto();
if (python === undefined) {
  console.error('test:moto DID NOT RUN: moto needs python3 with its venv module, and this machine has none.');
  console.error('Install it (Debian: apt-get install python3-venv) and run `npm run test:moto` again.');
  process.exit(2);
}
const config = fileURLToPath(new URL('vitest.config.ts', import.meta.url));
const vitest = fileURLToPath(new URL('vitest.mjs', import.meta.resolve('vitest/package.json')));
const moto = await startMoto(python);
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void moto.stop().then(() => process.exit(1)));
try {
  const child = spawn(process.execPath, [vitest, 'run', '--config', config], {
    stdio: 'inherit',
    env: { ...process.env, DROVER_MOTO_URL: moto.url, DROVER_MOTO_PYTHON: python },
  });
  const [status]: unknown[] = await once(child, 'exit');
  process.exitCode = status === 0 ? 0 : 1;
} finally {
  await moto.stop();
}
