#!/usr/bin/env node
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';

// What set-up made and a published package brings; before it was made, the sources as they are.
const bundle = new URL('../dist-bundle/lib/main.js', import.meta.url);
if (!('registerHooks' in nodeModule)) {
  console.error(
    `error: drover needs Node 22.15 or newer, and this is ${process.version}\n` +
      '  fix: in a clone of its repository, call it as "npx drover" (set-up has brought a Node of its own), or install a newer one',
  );
  process.exitCode = 1;
} else if (existsSync(bundle)) await import(bundle.href);
else {
  const conditions = ['@drover/source'];
  nodeModule.registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...conditions, ...context.conditions] }),
  });
  await import(new URL('../src/main.ts', import.meta.url).href);
}
