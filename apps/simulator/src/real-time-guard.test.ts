import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { RealTimeGuard } from './real-time-guard.ts';

const guard = new RealTimeGuard();
afterEach(() => guard.disarm());

it('notes every use of real time or chance by our own code, and lets it through', () => {
  guard.arm();
  clearTimeout(setTimeout(() => undefined, 1));
  clearInterval(setInterval(() => undefined, 1));
  expect(Math.random()).toBeLessThan(1);
  expect(performance.now()).toBeGreaterThan(0);
  expect(Date.now()).toBeGreaterThan(0);
  expect(new Date().getTime()).toBeGreaterThan(0);
  expect(new Date(0).getTime()).toBe(0);
  guard.disarm();
  const names = guard.uses.map((use) => use.split(' at ')[0]);
  expect(names).toEqual(['setTimeout', 'setInterval', 'Math.random', 'performance.now', 'Date.now', 'new Date()']);
});

it('notes nothing once disarmed', () => {
  const before = guard.uses.length;
  Math.random();
  expect(guard.uses.length).toBe(before);
});

it('notes every way out of the process: files, sockets, real chance', () => {
  const watching = new RealTimeGuard();
  watching.arm();
  expect(existsSync('/')).toBe(true);
  expect(readFileSync(import.meta.filename).length).toBeGreaterThan(0);
  expect(randomBytes(2)).toHaveLength(2);
  expect(randomUUID()).toHaveLength(36);
  createServer().unref();
  clearImmediate(setImmediate(() => undefined));
  watching.disarm();
  const names = watching.uses.map((use) => use.split(' at ')[0]);
  expect(names).toEqual([
    'fs.existsSync',
    'fs.readFileSync',
    'crypto.randomBytes',
    'crypto.randomUUID',
    'net.createServer',
    'setImmediate',
  ]);
  expect(existsSync('/')).toBe(true);
  expect(watching.uses).toHaveLength(6);
});
