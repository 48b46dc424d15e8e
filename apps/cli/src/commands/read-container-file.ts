import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { ConfigError, type ContainerSpec } from '@drover/spec';

/** A container file that was read and found valid. */
export interface ReadContainerFile {
  readonly text: string;
  readonly format: 'yaml' | 'ndjson';
  readonly containers: readonly ContainerSpec[];
}

/**
 * Reads and checks a container file, `-` for standard input. The dispatcher checks again; here the messages can show the lines.
 * @throws ConfigError with every problem in its place.
 */
export async function readContainerFile(file: string): Promise<ReadContainerFile> {
  const source = { file, text: file === '-' ? await text(process.stdin) : await readText(file) };
  const { looksLikeJsonLines, readContainers } = await import('@drover/management-api/container-file');
  const containers = readContainers(source);
  return { text: source.text, format: looksLikeJsonLines(source) ? 'ndjson' : 'yaml', containers };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const problem = { code: 'CONFIG_UNREADABLE', path: '', message: `cannot read ${file}: ${reason}` } as const;
    throw new ConfigError([{ ...problem, fix: 'check the path' }], { cause: error });
  }
}
