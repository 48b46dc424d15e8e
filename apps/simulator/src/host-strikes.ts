import type { SeededRandom, SimulatedHost } from '@drover/testkit';
import type { FaultName } from './faults/fault-names.ts';
import { pick } from './pick.ts';
import type { World } from './world.ts';

/** Undoes something after this time, or when the world heals before. */
export type Lasting = (forMs: number, undo: () => void) => void;

/** One fault at one VM; false: there was nothing to strike at. */
type Strike = (host: SimulatedHost, random: SeededRandom, world: World, lasting: Lasting) => boolean;

/** Mostly short, sometimes longer than any probe waits. */
const longTroubleMs = 1_500_000;
const shortTroubleMs = 120_000;

/** Every fault that strikes one VM at a random moment. */
export const hostStrikes: Readonly<Partial<Record<FaultName, Strike>>> = {
  'vm-lost': (host, _random, world) => {
    world.cloud.kill(host.instanceId);
    return true;
  },
  'vm-reboots': (host, random, world, lasting) => {
    if (host.faults.frozen) return false;
    const downMs = 10_000 + random.next() * 110_000;
    world.vms.noteTrouble(host.instanceId);
    host.reboot(downMs);
    lasting(downMs, () => world.vms.noteTrouble(host.instanceId));
    return true;
  },
  'ssh-reset': (host) => {
    host.resetConnections();
    return true;
  },
  'ssh-refused': trouble('refuseConnections', () => undefined),
  // A connection that was silent for so long is dead.
  'ssh-freeze': trouble('frozen', (host) => host.resetConnections()),
  'key-changed': (host, random, world) => {
    host.changeKey(`ssh-ed25519 ${Buffer.from(random.hex(32), 'hex').toString('base64')}`);
    // The cloud may learn of the new one, or it may be somebody in between.
    if (random.chance(0.5)) world.cloud.publishHostKeys(host.instanceId, [host.hostKey]);
    host.resetConnections();
    world.vms.noteTrouble(host.instanceId);
    return true;
  },
  'runner-killed': (host, random, world, lasting) => {
    const run = pick(host.liveRuns, random);
    if (run !== undefined && random.chance(0.5)) {
      host.agent.loseSupervisor(run.uuid, random.next() * 20_000);
      return true;
    }
    host.faults.agentDead = true;
    host.resetConnections();
    return troubled(host, world, lasting, random.next() * 60_000, () => (host.faults.agentDead = false));
  },
  'stale-lock': (host, random) => {
    const run = pick(host.liveRuns, random);
    if (run !== undefined) host.agent.loseSupervisor(run.uuid, 20_000 + random.next() * 280_000);
    return run !== undefined;
  },
  'runner-broken': (host) => {
    host.agent.breakDown('the simulated VM is out of order');
    return true;
  },
  'disk-full': trouble('diskFull', () => undefined),
  unkillable: trouble('killsFail', () => undefined),
  'starts-fail': trouble('startsFail', () => undefined),
};

/** The way to a VM, or something on it, does not work for a while. */
function trouble(
  key: 'refuseConnections' | 'frozen' | 'diskFull' | 'killsFail' | 'startsFail',
  undone: (host: SimulatedHost) => void,
): Strike {
  return (host, random, world, lasting) => {
    if (host.faults[key]) return false;
    host.faults[key] = true;
    const forMs = random.chance(0.2) ? longTroubleMs : shortTroubleMs * random.next();
    return troubled(host, world, lasting, forMs, () => {
      host.faults[key] = false;
      undone(host);
    });
  };
}

function troubled(host: SimulatedHost, world: World, lasting: Lasting, forMs: number, undo: () => void): true {
  world.vms.noteTrouble(host.instanceId);
  lasting(forMs, () => {
    undo();
    world.vms.noteTrouble(host.instanceId);
  });
  return true;
}
