import type { CheckResult } from '@drover/spec';
import { result } from './check.ts';

/** Microsoft's sign-in takes tokens for five minutes around their time. */
const tolerableMs = 300_000;
const noticeableMs = 30_000;

/** How far this machine's clock is from Azure's. */
export function checkClock(hereMs: number, azureMs: number | undefined): CheckResult {
  if (azureMs === undefined) return result('clock', 'skipped', 'Azure did not tell its time');
  const offMs = Math.abs(hereMs - azureMs);
  // The answer has whole seconds, and was under way.
  if (offMs < noticeableMs) return result('clock', 'ok', 'the clock agrees with that of Azure');
  const message = `the clock of this machine is ${Math.round(offMs / 1_000)} s off from that of Azure`;
  return result('clock', offMs > tolerableMs ? 'failed' : 'warning', message, { fix: 'let NTP set the clock' });
}
