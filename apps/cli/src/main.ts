import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { watchBrokenPipes } from './output/broken-pipe.ts';

// A third of the start-up time is compiling. The cache lies in a folder of the user's own: in a shared one others could plant code.
enableCompileCache(join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'drover', 'compiled'));

watchBrokenPipes();

// Imported only now, so that it comes from the cache.
const { main } = await import('./program/run-program.ts');
const exitCode = await main(process.argv);

// Kept-alive connections and timers must not hold the end up; what was written must get out.
process.stdout.write('', () => {
  process.stderr.write('', () => process.exit(exitCode));
});
