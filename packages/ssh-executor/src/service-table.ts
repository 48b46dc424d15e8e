import { readFileSync } from 'node:fs';
import { parseServices, type ServiceTable, wellKnownServices } from './parse-port.ts';

let table: ServiceTable | undefined;

/** The machine's /etc/services, read once; the well-known names where there is none. */
export function serviceTable(): ServiceTable {
  table ??= readServices();
  return table;
}

function readServices(): ServiceTable {
  try {
    return parseServices(readFileSync('/etc/services', 'utf8'));
  } catch {
    return wellKnownServices;
  }
}
