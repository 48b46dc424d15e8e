/** Everything that can be wrong with the simulated VMs and the way to them. A plain object: change it while the simulation runs. */
export interface HostFaults {
  /** Per connection attempt: refused. */
  refuseRate: number;
  /** Mean time until a connection is reset (exponential); 0 = never. */
  resetMeanMs: number;
  /** Of those resets, the share that freezes instead: nothing arrives any more, and only the keepalive notices. */
  freezeShare: number;
  /** Until the keepalive of a frozen connection gives up. */
  keepaliveMs: number;
  /** What was on its way to the VM when the connection broke still arrives, with this probability, per connection. */
  lingerRate: number;
  /** How late it arrives then, at most. */
  lingerMs: number;
  /** Per request or command: carried out, and the connection is reset before the answer. */
  replyLostRate: number;
  /** Mean time until the agent's process dies (exponential); the next start command brings it back. 0 = never. */
  agentCrashMeanMs: number;
  /** Per run: its supervisor is killed, so that nobody knows how the workload ended. */
  supervisorKilledRate: number;
  /** Per run: no kill helps. */
  unkillableRate: number;
  /** Per run: the VM turns out to be broken when it ends. */
  brokenRate: number;
  /** Per VM: the boot probe never succeeds. */
  neverReadyRate: number;
}

/** Hosts that do everything right, with these exceptions. */
export function hostFaults(exceptions: Partial<HostFaults> = {}): HostFaults {
  return {
    refuseRate: 0,
    resetMeanMs: 0,
    freezeShare: 0,
    keepaliveMs: 60_000,
    lingerRate: 0,
    lingerMs: 20_000,
    replyLostRate: 0,
    agentCrashMeanMs: 0,
    supervisorKilledRate: 0,
    unkillableRate: 0,
    brokenRate: 0,
    neverReadyRate: 0,
    ...exceptions,
  };
}

/** Puts every fault right, in place. What is broken already stays as it is. */
export function healHosts(faults: HostFaults): void {
  Object.assign(faults, hostFaults());
}
