import { spawn } from 'node:child_process';
import { closeSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newHostKey } from './host-key.ts';
import { parseAuthorizedKey, startSshServer } from './ssh-server.ts';
import { type BootRecord, parseBootRecord, readyFd, replaceFile, type SshRecord, vmFiles } from './vm-files.ts';

/** Boots the VM whose folder this is: waits its boot delay, runs its init command, serves SSH and says where. */
export async function bootVm(folder: string): Promise<void> {
  const record = parseBootRecord(readFileSync(join(folder, vmFiles.record), 'utf8'));
  const root = join(folder, vmFiles.root);
  process.chdir(root);
  // `kill -9 "$DROVER_VM_PID"` powers the VM off from within.
  process.env['DROVER_VM_PID'] = String(process.pid);
  if (record.bootDelayMs > 0) await sleep(record.bootDelayMs);
  // As cloud-init does: an init command that fails is noted, and the boot goes on.
  const failure = await runInitCommand(record.initCommand, root);
  if (failure !== undefined) console.error(`init command: ${failure}`);
  const hostKey = newHostKey();
  const { server, port } = await startSshServer({
    hostKey,
    authorizedKey: parseAuthorizedKey(record.authorizedKey),
    root,
  });
  if (record.bootFails) {
    server.close();
    // The VM runs on, and nobody answers.
    setInterval(() => undefined, 2 ** 30);
  }
  replaceFile(join(folder, vmFiles.ssh), JSON.stringify({ port, hostKey: hostKey.publicKey } satisfies SshRecord));
  sayReady();
  if (record.lostAfterMs > 0) setTimeout(powerOff, record.lostAfterMs);
  if (record.preemptedAfterMs > 0) setTimeout(() => giveNotice(root, record), record.preemptedAfterMs);
}

function powerOff(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** As a cloud that wants a spot VM back: it says so, and takes it some time later whatever the VM has made of that. */
function giveNotice(root: string, { preemptionNoticeMs }: BootRecord): void {
  replaceFile(join(root, vmFiles.notice), `this VM will be taken away in ${preemptionNoticeMs} ms\n`);
  setTimeout(powerOff, preemptionNoticeMs);
}

function runInitCommand(command: string, root: string): Promise<string | undefined> {
  if (command.trim() === '') return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => resolve(code === 0 ? undefined : `ended with ${code ?? signal ?? 'nothing'}`));
  });
}

function sayReady(): void {
  try {
    writeSync(readyFd, 'ready\n');
    closeSync(readyFd);
  } catch {
    // The dispatcher that created this VM is gone already; the next one reads the file.
  }
}
