import { measureRunner } from './index.ts';

/** Prints the figures of this package; exit code 1 when a target is missed. */
const results = await measureRunner();
for (const { name, value, unit, target, ok } of results) {
  console.log(`${ok ? 'ok    ' : 'MISSED'} ${name}: ${value} ${unit} (target ${target})`);
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
