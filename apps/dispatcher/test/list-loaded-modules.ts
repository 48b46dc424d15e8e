/** Resolves the driver whose configuration is the argument, and prints the URL of every module that was loaded for it. */
import { registerHooks } from 'node:module';

const loaded = new Set<string>();
registerHooks({
  load(url, context, nextLoad) {
    loaded.add(url);
    return nextLoad(url, context);
  },
});
const { resolveDriver } = await import('../src/resolve-driver.ts');
await resolveDriver(JSON.parse(process.argv[2] ?? '{}'));
console.log([...loaded].join('\n'));
