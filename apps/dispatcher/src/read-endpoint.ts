import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a dispatcher of this state directory wrote about where it listens; undefined when none did, or nothing of use. */
export function readEndpoint(stateDirectory: string): { readonly url: string } | undefined {
  try {
    const written: unknown = JSON.parse(readFileSync(join(stateDirectory, 'endpoint.json'), 'utf8'));
    const hasUrl = typeof written === 'object' && written !== null && 'url' in written;
    return hasUrl && typeof written.url === 'string' && URL.canParse(written.url) ? { url: written.url } : undefined;
  } catch {
    return undefined;
  }
}
