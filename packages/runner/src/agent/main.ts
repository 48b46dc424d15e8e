import { runCommand } from './cli.ts';
import { parseServeFlags } from './serve-flags.ts';
import { serve } from './serve.ts';
import { agentVersion } from './version.ts';

const usage = `usage: agent.mjs serve STATE_DIR HELPER [--engine=…] [--preemption-watch=…] [--power-off=…]
       agent.mjs attach|list STATE_DIR
       agent.mjs start STATE_DIR                         (a start request without type and id on stdin)
       agent.mjs kill|result STATE_DIR UUID GENERATION
       agent.mjs logs STATE_DIR UUID GENERATION stdout|stderr [--offset=N]
       agent.mjs ack STATE_DIR UUID GENERATION HASH
       agent.mjs drain STATE_DIR on|off
       agent.mjs version`;

const minimumNode = 20;

async function main([verb = '', stateFolder = '', ...rest]: readonly string[]): Promise<number> {
  if (Number(process.versions.node.split('.')[0]) < minimumNode) {
    console.error(`the agent needs Node ${minimumNode} or later; this is ${process.version}`);
    return 1;
  }
  if (verb === 'version') {
    console.log(agentVersion);
    return 0;
  }
  if (stateFolder === '') {
    console.error(usage);
    return 64;
  }
  if (verb !== 'serve') return runCommand(verb, stateFolder, rest, usage);
  const [helper = '', ...flags] = rest;
  const log = (text: string): void => console.error(`${new Date().toISOString()} ${text}`);
  await serve({ stateFolder, helper, version: agentVersion, log, ...parseServeFlags(flags) });
  return -1;
}

try {
  const status = await main(process.argv.slice(2));
  if (status >= 0) process.exitCode = status;
} catch (error) {
  console.error(`the agent: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
