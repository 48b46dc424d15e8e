import { readFileSync } from 'node:fs';
import { runProgram } from './program.ts';

/** Changes with every boot of the VM. Empty where the system does not tell: then a restart of the VM is not noticed as such. */
export async function readBootId(): Promise<string> {
  try {
    if (process.platform === 'darwin') return (await runProgram('sysctl', ['-n', 'kern.bootsessionuuid'])).trim();
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
