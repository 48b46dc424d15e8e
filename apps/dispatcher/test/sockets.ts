import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A TCP socket that waits for connections. */
export interface ListeningSocket {
  readonly pid: number;
  readonly address: string;
  readonly port: number;
}

/** State of a listening socket in `/proc/net/tcp`. */
const listening = '0A';

/** Every TCP socket on which one of these processes listens. */
export function listeningSockets(pids: readonly number[]): readonly ListeningSocket[] {
  return pids.flatMap((pid) => {
    const inodes = socketInodes(pid);
    return [...rows(pid, 'tcp'), ...rows(pid, 'tcp6')]
      .filter(({ state, inode }) => state === listening && inodes.has(inode))
      .map(({ address, port }) => ({ pid, address, port }));
  });
}

function socketInodes(pid: number): ReadonlySet<string> {
  const inodes = new Set<string>();
  for (const fd of listOf(`/proc/${pid}/fd`)) {
    try {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? [];
      if (inode !== undefined) inodes.add(inode);
    } catch {
      // Closed in the meantime.
    }
  }
  return inodes;
}

function listOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Rows of the table of the process's network: `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode`. */
function rows(pid: number, table: string) {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/net/${table}`, 'utf8');
  } catch {
    return [];
  }
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [, local = '', , state = '', , , , , , inode = ''] = line.trim().split(/\s+/);
      const [host = '', port = ''] = local.split(':');
      return { address: addressOf(host), port: Number.parseInt(port, 16), state, inode };
    });
}

/** IPv4 as dotted decimal; of IPv6 the raw words, but for its loopback. The words are little-endian. */
function addressOf(hex: string): string {
  if (hex.length === 8) return Array.from(Buffer.from(hex, 'hex').toReversed()).join('.');
  return hex === '00000000000000000000000001000000' ? '::1' : hex;
}
