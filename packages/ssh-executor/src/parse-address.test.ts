import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAddress } from './parse-address.ts';

test.each([
  ['10.0.0.1', 22, '10.0.0.1', 22],
  ['vm.example', 'ssh', 'vm.example', 22],
  ['vm.example:2222', 22, 'vm.example', 2222],
  ['vm.example:https', 22, 'vm.example', 443],
  ['  vm.example  ', '2200', 'vm.example', 2200],
  ['::1', 22, '::1', 22],
  ['fe80::1%eth0', 22, 'fe80::1%eth0', 22],
  ['2001:db8::5', 'ssh', '2001:db8::5', 22],
  ['[::1]', 22, '::1', 22],
  ['[2001:db8::5]:2222', 22, '2001:db8::5', 2222],
])('%s with port %s is %s port %i', (address, port, host, number) => {
  expect(parseAddress(address, port)).toEqual({ host, port: number });
});

test.each([
  ['', 22],
  ['   ', 22],
  [':22', 22],
  ['vm.example', 'nosuch'],
  ['vm.example:', 22],
  ['vm.example:0', 22],
  ['vm.example:65536', 22],
  ['vm.example:nosuch', 22],
  ['user@vm.example', 22],
  ['vm example', 22],
  ['ssh://vm.example', 22],
  ['[::1', 22],
  ['::1]:22', 22],
  ['[]:22', 22],
  ['[::1]22', 22],
])('%j with port %s is no address', (address, port) => {
  expect(parseAddress(address, port)).toBeUndefined();
});

test('a port in the address wins over the default, whatever the two are', () => {
  const port = fc.integer({ min: 1, max: 65_535 });
  fc.assert(
    fc.property(fc.domain(), port, port, (host, own, byDefault) => {
      expect(parseAddress(`${host}:${own}`, byDefault)).toEqual({ host, port: own });
      expect(parseAddress(host, byDefault)).toEqual({ host, port: byDefault });
    }),
  );
});
