/** Loads the SDK, makes the clients that a dispatcher has, and prints how many milliseconds that took. */
const startedMs = performance.now();
const { openSdk } = await import('../src/sdk-clients.ts');
const sdk = await openSdk({ project: 'bench-project', apiEndpoint: 'http://127.0.0.1:1' }, undefined);
process.stdout.write(String(performance.now() - startedMs));
await sdk.close();
