import { buildAgent } from './build-agent.ts';

await buildAgent();
