import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeUserData } from './user-data.ts';

const plain = { authorizedKey: '', adminUsername: 'crunch' };

/** Runs user data as a VM would, with a metadata service that says this number; undefined: there is none. */
function runOn(folder: string, userData: string, launchIndex: number | undefined): string {
  const script = join(folder, 'user-data');
  writeFileSync(script, userData);
  const answer =
    launchIndex === undefined ? 'exit 7' : `case "$*" in *launch-index) echo ${launchIndex};; *) echo token;; esac`;
  for (const [name, body] of Object.entries({ curl: answer, sleep: 'exit 0', 'cloud-init': 'exit 1' })) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, FOLDER: folder };
  return execFileSync('/bin/sh', [script], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'drover-user-data-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('one VM runs its command, without asking anybody for a number', () => {
  const folder = newFolder();
  const userData = writeUserData({ ...plain, initCommands: [`printf %s it\\'s >"$FOLDER/out"`] });
  expect(userData.startsWith('#!/bin/sh\n')).toBe(true);
  runOn(folder, userData, undefined);
  expect(readFileSync(join(folder, 'out'), 'utf8')).toBe("it's");
});

test('each VM of a batch runs its own command, whatever characters are in it', () => {
  const folder = newFolder();
  const secrets = ['aa', "a'b", 'a"$x"\\', 'äöü😀', 'äöü😁'];
  const initCommands = secrets.map(
    (secret) => `(umask 0177; cat >"$FOLDER/out" <<'end'\n${secret}\nend\n); echo done "$((1+1))"`,
  );
  const userData = writeUserData({ ...plain, initCommands });
  secrets.forEach((secret, index) => {
    expect(runOn(folder, userData, index)).toBe('done 2\n');
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe(`${secret}\n`);
  });
});

test('a VM that cannot find out its number, or has one that is not there, runs nothing', () => {
  const folder = newFolder();
  const userData = writeUserData({ ...plain, initCommands: ['echo one', 'echo two'] });
  for (const index of [undefined, 2])
    expect(() => runOn(folder, userData, index)).toThrow(/drover: this VM does not know its number/);
});

test('twenty VMs take little more room than one', () => {
  const secret = '0123456789'.repeat(4);
  const command = (n: number): string => `mkdir -p /var/run; printf %s ${secret}${n}; ${'long set-up; '.repeat(200)}`;
  const userData = writeUserData({ ...plain, initCommands: Array.from({ length: 20 }, (_, n) => command(n + 10)) });
  expect(Buffer.byteLength(userData)).toBeLessThan(Buffer.byteLength(command(10)) + 2_500);
});

test('an account that the image has gets the key, once; one that it has not costs nothing', () => {
  const folder = newFolder();
  const key = 'ssh-ed25519 AAAA key of the dispatcher';
  // Users of the machine under test stay as they are.
  writeFileSync(join(folder, 'getent'), '#!/bin/sh\n[ "$2" = crunch ] && echo "crunch:x:1:1::$FOLDER/home:/bin/sh"\n');
  writeFileSync(join(folder, 'install'), '#!/bin/sh\nmkdir -p "$FOLDER/home/.ssh"\n');
  for (const name of ['chown', 'id']) writeFileSync(join(folder, name), '#!/bin/sh\nexit 0\n');
  for (const name of ['getent', 'install', 'chown', 'id']) chmodSync(join(folder, name), 0o755);
  const userData = writeUserData({ initCommands: ['echo ran'], authorizedKey: key, adminUsername: 'crunch' });
  for (let run = 0; run < 2; run += 1) expect(runOn(folder, userData, undefined)).toBe('ran\n');
  expect(readFileSync(join(folder, 'home/.ssh/authorized_keys'), 'utf8')).toBe(`${key}\n`);
  const other = writeUserData({ initCommands: ['echo ran'], authorizedKey: key, adminUsername: 'nobody-here' });
  expect(runOn(folder, other, undefined)).toBe('ran\n');
});
