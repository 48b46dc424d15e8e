import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerFile } from '@drover/management-api/client';

/**
 * Each execution takes a lock that the kernel frees when the last process of it has ended, writes a line when it begins and one
 * when it ends. A second execution at the same time finds the lock taken.
 */
const script = `
file="$0/$DROVER_CONTAINER_UUID"
exec 9>>"$file.lock"
if ! flock --nonblock 9; then echo "overlap $DROVER_GENERATION" >>"$file"; exit 99; fi
echo "start $DROVER_GENERATION" >>"$file"
echo "ran as $DROVER_CONTAINER_UUID"
if [ "$1" = held ]; then
  until [ -e "$file.go" ]; do sleep 0.05; done
else
  sleep "$1"
fi
echo "end $DROVER_GENERATION" >>"$file"
`;

/** What one execution wrote about itself. */
export interface LedgerLine {
  readonly kind: string;
  readonly generation: number;
}

/** A folder in which containers write down when they run. */
export class Ledger {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** A container that runs for so many seconds, or held until `release`: however slow the machine, it still runs then. */
  container(seconds: number | 'held', changes: Partial<ContainerFile> = {}): ContainerFile {
    return {
      command: ['sh', '-c', script, this.folder, seconds === 'held' ? seconds : seconds.toFixed(3)],
      resources: { vcpus: 1, ram: '16MiB' },
      ...changes,
    };
  }

  /** Lets a held container end. */
  release(uuid: string): void {
    writeFileSync(join(this.folder, `${uuid}.go`), '');
  }

  /** What its executions wrote, in order. */
  lines(uuid: string): readonly LedgerLine[] {
    const path = join(this.folder, uuid);
    if (!existsSync(path)) return [];
    return readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [kind = '', generation] = line.split(' ');
        return { kind, generation: Number(generation) };
      });
  }

  /** Its lines without generations. */
  kinds(uuid: string): readonly string[] {
    return this.lines(uuid).map(({ kind }) => kind);
  }
}
