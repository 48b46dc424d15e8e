/** TCP port by service name or alias, as in /etc/services. */
export type ServiceTable = ReadonlyMap<string, number>;

/** The names that are understood on machines without /etc/services. */
export const wellKnownServices: ServiceTable = new Map([
  ['ssh', 22],
  ['http', 80],
  ['https', 443],
]);

/** A port from 1 to 65535 from a number, its decimal digits or a service name; undefined when it is none of them. */
export function parsePort(port: number | string, services: ServiceTable = wellKnownServices): number | undefined {
  const text = String(port).trim();
  const number = /^\d{1,5}$/.test(text) ? Number(text) : (services.get(text) ?? wellKnownServices.get(text));
  return number !== undefined && number >= 1 && number <= 65_535 ? number : undefined;
}

/** Reads the text of /etc/services: `name port/proto alias…`, `#` starts a comment; only TCP counts. */
export function parseServices(text: string): ServiceTable {
  const table = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [name, port, ...aliases] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    const tcp = /^(\d{1,5})\/tcp$/.exec(port ?? '');
    if (name === undefined || tcp === null) continue;
    for (const each of [name, ...aliases]) if (!table.has(each)) table.set(each, Number(tcp[1]));
  }
  return table;
}
