import { parsePort, type ServiceTable } from './parse-port.ts';

/** Where to connect: a host name or address without brackets, and a TCP port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/**
 * Splits `host`, `host:port` or `[v6]:port`; a port in the address wins over `defaultPort`. A bare IPv6 address (more
 * than one colon, no brackets) has no port. Undefined when it is none of these or the port means nothing.
 */
export function parseAddress(
  address: string,
  defaultPort: number | string,
  services?: ServiceTable,
): HostPort | undefined {
  const { host, port } = split(address.trim());
  if (host === '' || /[\s/@]/.test(host)) return undefined;
  const number = parsePort(port ?? defaultPort, services);
  return number === undefined ? undefined : { host, port: number };
}

function split(address: string): { readonly host: string; readonly port: string | undefined } {
  const bracketed = /^\[([^\]]+)\](?::(.+))?$/.exec(address);
  if (bracketed !== null) return { host: bracketed[1] ?? '', port: bracketed[2] };
  if (address.includes('[') || address.includes(']')) return { host: '', port: undefined };
  const first = address.indexOf(':');
  if (first === -1 || first !== address.lastIndexOf(':')) return { host: address, port: undefined };
  return { host: address.slice(0, first), port: address.slice(first + 1) };
}
