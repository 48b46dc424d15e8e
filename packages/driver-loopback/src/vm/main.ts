import { bootVm } from './boot.ts';

// The program of a loopback VM: `node main.ts <folder>`. A fault that nobody handles ends it, as a kernel panic would.
const [, , folder] = process.argv;
if (folder === undefined) {
  console.error('usage: main.ts <folder of the VM>');
  process.exit(64);
}
await bootVm(folder);
