import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type DoctorCheck, ok } from './doctor-check.ts';

/** What the usual keepers of a clock leave while it is right. */
const keepers = [
  { path: '/run/systemd/timesync/synchronized', name: 'systemd-timesyncd' },
  { path: '/run/chrony', name: 'chrony' },
  { path: '/run/chrony.pid', name: 'chrony' },
  { path: '/run/ntpd.pid', name: 'ntpd' },
] as const;

const dayMs = 86_400_000;

/** Is this machine's clock right, as far as the machine can tell? Clouds refuse signatures that are minutes off. */
export function checkClock(nowMs: number): DoctorCheck {
  // No file of this program can be newer than now; a day for time zones that were set wrong while it was unpacked.
  const installedMs = statSync(fileURLToPath(import.meta.url)).mtimeMs;
  const now = new Date(nowMs).toISOString();
  if (nowMs < installedMs - dayMs)
    return {
      subject: 'clock',
      outcome: 'failed',
      message: `it is said to be ${now}, before this drover was installed`,
      fix: 'set the clock, and let NTP keep it',
    };
  const keeper = keepers.find(({ path }) => existsSync(path));
  if (keeper !== undefined) return ok('clock', `${now}, kept by ${keeper.name}`);
  return { subject: 'clock', outcome: 'skipped', message: `${now}; nothing on this machine says who keeps it` };
}
