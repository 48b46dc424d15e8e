import type { ContainerFile } from '@drover/management-api/client';

/** One container of the example, and how it is meant to end. */
export interface ExampleContainer {
  readonly container: ContainerFile & { readonly name: string };
  readonly expected: { readonly exitCode: number } | { readonly signal: string };
}

const ok = { exitCode: 0 } as const;

function example(
  name: string,
  script: string,
  expected: ExampleContainer['expected'] = ok,
  more: Omit<Partial<ContainerFile>, 'name' | 'command'> = {},
): ExampleContainer {
  return {
    container: { name, command: ['sh', '-c', script], resources: { vcpus: 1, ram: '64MiB' }, ...more },
    expected,
  };
}

/** Small real commands of many kinds, for any machine with a POSIX shell and awk. */
export const exampleBatch: readonly ExampleContainer[] = [
  example('hostname', 'hostname'),
  example('kernel', 'uname -srm'),
  example('greeting', 'echo "hello, $WHO"', ok, { env: { WHO: 'world' } }),
  example('folder', 'pwd', ok, { cwd: '/tmp' }),
  example(
    'primes',
    `awk 'BEGIN { for (n = 2; n < 20000; n++) { p = 1; for (d = 2; d * d <= n; d++) if (n % d == 0) { p = 0; break } c += p } print c " primes below 20000" }'`,
  ),
  example(
    'pi',
    `awk 'BEGIN { for (k = 0; k < 300000; k++) s += (k % 2 ? -1 : 1) / (2 * k + 1); printf "pi is about %.5f\\n", 4 * s }'`,
  ),
  example(
    'fibonacci',
    'a=0; b=1; i=0; while [ $i -lt 80 ]; do c=$((a + b)); a=$b; b=$c; i=$((i + 1)); done; echo "F(80) = $a"',
  ),
  example('lines', `awk 'BEGIN { for (n = 1; n <= 2000; n++) print "line " n " of 2000" }'`),
  example('both-streams', 'echo "this is stdout"; echo "this is stderr" >&2'),
  example('nap', 'sleep 1; echo "awake again"', ok, { scheduling: { priority: 900 } }),
  example('exit-3', 'echo "about to fail" >&2; exit 3', { exitCode: 3 }),
  example('killed', 'echo "about to die"; kill -KILL $$', { signal: 'SIGKILL' }),
];
