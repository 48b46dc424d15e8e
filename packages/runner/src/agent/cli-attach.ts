import { connect } from 'node:net';
import { pipeline } from 'node:stream/promises';

/** Relays stdin and stdout to the agent's socket; the helper's `attach` does the same without a second Node. */
export async function attach(stateFolder: string): Promise<number> {
  const socket = connect({ path: `${stateFolder}/agent.sock`, allowHalfOpen: true });
  await Promise.all([pipeline(process.stdin, socket, { end: true }), pipeline(socket, process.stdout, { end: false })]);
  return 0;
}
