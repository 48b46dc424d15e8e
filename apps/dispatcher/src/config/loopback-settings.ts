/** As many VMs as the loopback driver allows when nothing is said. */
const driverMaxInstances = 4;

/**
 * What the pool should do differently on loopback VMs, until the file says otherwise: they have no init system to ask; they
 * share this machine's files, so that their secret lies in their own folder, where their commands start; nobody
 * minds who knocks often; their list is exact, and no create goes on when the dispatcher that asked for it has died; and there is
 * no use in asking for more of them than the driver allows.
 */
export function loopbackSettings(driver: Readonly<Record<string, unknown>>) {
  const { maxInstances } = driver;
  return {
    bootProbeCommand: 'true',
    instanceSecretPath: './instance-secret',
    bootRetryMs: 1_000,
    consistencyMs: 500,
    maxInstances: typeof maxInstances === 'number' ? maxInstances : driverMaxInstances,
  };
}
