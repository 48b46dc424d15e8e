import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSshKeyPair } from '@drover/ssh-executor';
import { afterEach, expect, test } from 'vitest';
import { loadConfig } from './config/load-config.ts';
import { sshIdentity } from './ssh-identity.ts';
import { StateDirectory } from './state-directory.ts';

const folder = mkdtempSync(join(tmpdir(), 'drover-identity-'));

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  { deployPublicKey: true, is: 'goes to new VMs' },
  { deployPublicKey: false, is: 'stays where the image has it' },
])('the public half of a configured key $is', ({ deployPublicKey }) => {
  const state = new StateDirectory(folder);
  const { privateKeyPem, publicKeyOpenSsh } = generateSshKeyPair({ comment: '' });
  writeFileSync(state.file('site_key'), privateKeyPem, { mode: 0o600 });
  const settings = { 'ssh.privateKey': `file:${state.file('site_key')}`, 'ssh.deployPublicKey': deployPublicKey };
  const { privateKey, authorizedKey } = sshIdentity(loadConfig(undefined, {}, settings), state, {});
  expect(privateKey).toBe(privateKeyPem.trimEnd());
  expect(authorizedKey).toBe(deployPublicKey ? publicKeyOpenSsh : '');
});

test('without one, a key is made once and kept', () => {
  const state = new StateDirectory(folder);
  const config = loadConfig(undefined, {});
  const first = sshIdentity(config, state, {});
  expect(first.authorizedKey).toMatch(/^ssh-ed25519 \S+ drover$/);
  expect(sshIdentity(config, state, {})).toEqual(first);
});
