import { measureIdleMemory, measureSshThroughput } from './index.ts';

/** Prints the figures of this package; exit code 1 when a target is missed. */
const results = [...(await measureSshThroughput()), ...(await measureIdleMemory())];
for (const { name, value, unit, target, ok } of results) {
  console.log(`${ok ? 'ok    ' : 'MISSED'} ${name}: ${value} ${unit} (target ${target})`);
}
process.exitCode = results.every((each) => each.ok) ? 0 : 1;
