#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';

// In a checkout the sources run as they are; a published package brings its build and no sources.
const source = new URL('../src/main.ts', import.meta.url);
if (existsSync(source)) {
  const conditions = ['@drover/source'];
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...conditions, ...context.conditions] }),
  });
  await import(source.href);
} else {
  await import(new URL('../dist/main.js', import.meta.url).href);
}
