import { generateSshKeyPair } from '@drover/ssh-executor';
import { expect, test } from 'vitest';
import { bastionSettings } from './bastion-settings.ts';
import { configSchema } from './config-schema.ts';

const hostKey = generateSshKeyPair({ comment: '' }).publicKeyOpenSsh.trim();
const parse = (bastion: unknown) => configSchema.safeParse({ ssh: { bastion } });

test('no bastion unless one is named', () => {
  expect(bastionSettings(configSchema.parse({}), {})).toEqual({});
});

test('a bastion has its host keys, and a key of its own if it wants one', () => {
  const named = { address: 'jump.example.org:2222', user: 'drover', hostKeys: [hostKey] };
  expect(bastionSettings(configSchema.parse({ ssh: { bastion: named } }), {})).toEqual({ bastion: named });
  const keyed = configSchema.parse({ ssh: { bastion: { ...named, privateKey: 'env:JUMP_KEY' } } });
  expect(bastionSettings(keyed, { JUMP_KEY: 'pem' })).toEqual({ bastion: { ...named, privateKey: 'pem' } });
  expect(() => bastionSettings(keyed, {})).toThrow(/ssh\.bastion\.privateKey.*JUMP_KEY is not set/);
});

test.each([
  ['no host key', { address: 'jump', user: 'drover', hostKeys: [] }, 'ssh-keyscan'],
  ['what is no host key', { address: 'jump', user: 'drover', hostKeys: ['jump'] }, 'ssh-ed25519 AAAA'],
  ['an unknown key', { address: 'jump', user: 'drover', hostKeys: [hostKey], prot: 1 }, 'prot'],
])('refuses %s', (_, bastion, hint) => {
  const result = parse(bastion);
  expect(result.success).toBe(false);
  expect(result.error?.message).toContain(hint);
});
