import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tags } from '@drover/spec';
import { errorCode } from './map-error.ts';
import { parseLeader, type ProcessIdentity } from './process-identity.ts';
import { replaceFile, type SshRecord, vmFiles } from './vm/vm-files.ts';
import { sshRecord, type VmRecord, vmRecord, vmTags } from './vm-record.ts';

const halfMade = '.new-';
const halfRemoved = '.gone-';

/**
 * The folders of the VMs of one instance set. A folder appears and disappears whole, by renaming; what a crash leaves half
 * made or half removed is under names of its own and goes with the next start. Methods throw the system's errors.
 */
export class VmFolders {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    mkdirSync(path, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(path))
      if (name.startsWith(halfMade) || name.startsWith(halfRemoved)) rmSync(join(path, name), { recursive: true });
  }

  /** Ids of all VMs that have a folder. */
  ids(): readonly string[] {
    return readdirSync(this.path).filter((name) => !name.startsWith('.'));
  }

  folder(id: string): string {
    return join(this.path, id);
  }

  exists(id: string): boolean {
    return existsSync(this.folder(id));
  }

  /** Makes the folder of a VM with everything that it needs to be launched. */
  make(record: VmRecord, tags: Tags): void {
    const temporary = join(this.path, `${halfMade}${record.id}`);
    try {
      mkdirSync(join(temporary, vmFiles.root), { recursive: true, mode: 0o700 });
      writeFileSync(join(temporary, vmFiles.record), JSON.stringify(record), { mode: 0o600 });
      writeFileSync(join(temporary, vmFiles.tags), JSON.stringify(tags), { mode: 0o600 });
      renameSync(temporary, this.folder(record.id));
    } catch (error) {
      rmSync(temporary, { recursive: true, force: true });
      throw error;
    }
  }

  record(id: string): VmRecord {
    return vmRecord.parse(JSON.parse(readFileSync(join(this.folder(id), vmFiles.record), 'utf8')));
  }

  tags(id: string): Tags {
    return vmTags.parse(JSON.parse(readFileSync(join(this.folder(id), vmFiles.tags), 'utf8')));
  }

  replaceTags(id: string, tags: Tags): void {
    replaceFile(join(this.folder(id), vmFiles.tags), JSON.stringify(tags));
  }

  /** The VM's first process; undefined while there has been none. */
  leader(id: string): ProcessIdentity | undefined {
    const text = this.#read(id, vmFiles.leader);
    return text === undefined ? undefined : parseLeader(text);
  }

  /** Where its SSH server listens; undefined until it does. */
  ssh(id: string): SshRecord | undefined {
    const text = this.#read(id, vmFiles.ssh);
    return text === undefined ? undefined : sshRecord.parse(JSON.parse(text));
  }

  /** Removes a VM's folder with all that its workloads have left there. */
  async remove(id: string): Promise<void> {
    const dying = join(this.path, `${halfRemoved}${id}`);
    try {
      renameSync(this.folder(id), dying);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
    await rm(dying, { recursive: true, force: true, maxRetries: 3, retryDelay: 20 });
  }

  #read(id: string, file: string): string | undefined {
    try {
      return readFileSync(join(this.folder(id), file), 'utf8');
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }
}
