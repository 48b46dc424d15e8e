import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// A third of the start-up time is compiling. The cache lies in a folder of the user's own: in a shared one others could plant code.
enableCompileCache(join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'drover', 'compiled'));

// A reader that has seen enough (`| head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

// Imported only now, so that it comes from the cache.
const { main } = await import('./program/run-program.ts');
const exitCode = await main(process.argv);

// Kept-alive connections and timers must not hold the end up; what was written must get out.
process.stdout.write('', () => {
  process.stderr.write('', () => process.exit(exitCode));
});
