/** Set when the bundle is made; see scripts/build-agent.ts. */
declare const bundledVersion: string | undefined;

/** Of the package that the agent was bundled from. */
export const agentVersion = typeof bundledVersion === 'string' ? bundledVersion : 'unbundled';
