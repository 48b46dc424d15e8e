import { type Check, result } from './check.ts';

/** Google refuses tokens that are minutes off; its own limit is not documented. */
const refusedMs = 300_000;
const noticedMs = 30_000;

/** Compares this machine's clock with the Date of Google's last answer. */
export const checkClock: Check = {
  subject: 'clock',
  doing: 'compare clocks',
  setting: '',
  look: async ({ sdk }) => {
    const offMs = sdk.clockOffMs();
    if (offMs === undefined) return [result('clock', 'skipped', "Google's answers had no date to compare with.")];
    const seconds = Math.round(Math.abs(offMs) / 1_000);
    const message = `This machine's clock is ${seconds} s ${offMs > 0 ? 'ahead of' : 'behind'} Google's.`;
    const fix = 'set the clock right, for example with `timedatectl set-ntp true`';
    if (Math.abs(offMs) > refusedMs) return [result('clock', 'failed', message, undefined, fix)];
    if (Math.abs(offMs) > noticedMs) return [result('clock', 'warning', message, undefined, fix)];
    return [result('clock', 'ok', `This machine's clock is within ${Math.max(1, seconds)} s of Google's.`)];
  },
};
