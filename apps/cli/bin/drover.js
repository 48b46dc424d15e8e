#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';

// What set-up made and a published package brings; before it was made, the sources as they are.
const bundle = new URL('../dist-bundle/lib/main.js', import.meta.url);
if (existsSync(bundle)) await import(bundle.href);
else {
  const conditions = ['@drover/source'];
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...conditions, ...context.conditions] }),
  });
  await import(new URL('../src/main.ts', import.meta.url).href);
}
