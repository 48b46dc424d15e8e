import { enableCompileCache } from 'node:module';
import { main } from './program/run-program.ts';

// A third of the start-up time is compiling.
enableCompileCache();

// A reader that has seen enough (`| head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const exitCode = await main(process.argv);

// Kept-alive connections and timers must not hold the end up; what was written must get out.
process.stdout.write('', () => {
  process.stderr.write('', () => process.exit(exitCode));
});
