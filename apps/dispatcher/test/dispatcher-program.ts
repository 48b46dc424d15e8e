import { readFileSync, writeSync } from 'node:fs';
import { ConfigError, DroverError } from '@drover/spec';
import { configSchema, runDispatcher } from '../src/index.ts';

// Program of the tests: a dispatcher from the configuration file that is its argument. It says on standard output that it is ready
// or what was wrong. SIGTERM stops it and keeps the VMs, SIGUSR2 drains it. It never calls process.exit: whatever was left open
// would keep it alive, and the test would see that.
const [, , configPath = ''] = process.argv;

function say(line: object): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

try {
  const dispatcher = await runDispatcher(configSchema.parse(JSON.parse(readFileSync(configPath, 'utf8'))));
  process.once('SIGTERM', () => void dispatcher.stop({ drain: false }));
  process.once('SIGUSR2', () => void dispatcher.stop({ drain: true }));
  void dispatcher.ended.then((why) => say({ kind: 'ended', why: why?.message ?? '' }));
  say({ kind: 'ready', url: dispatcher.url, token: dispatcher.token });
} catch (error) {
  process.exitCode = 1;
  const code = error instanceof ConfigError ? error.problems[0]?.code : DroverError.is(error) ? error.code : 'INTERNAL';
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const fix = error instanceof ConfigError ? error.problems[0]?.fix : DroverError.is(error) ? error.fix : undefined;
  say({ kind: 'failed', code, message: error instanceof Error ? error.message : text, text, fix });
}
