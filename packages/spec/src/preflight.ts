import type { InstanceType } from './instance-type.ts';

/** What a check looks at. */
export type CheckSubject = 'credentials' | 'permissions' | 'quota' | 'image' | 'network' | 'key' | 'clock' | 'types';

/** `warning`: it works, and somebody should know. `skipped`: it could not be looked at, and the message says why. */
export type CheckOutcome = 'ok' | 'warning' | 'failed' | 'skipped';

/** What one free check has found. */
export interface CheckResult {
  readonly subject: CheckSubject;
  readonly outcome: CheckOutcome;
  /** One sentence for a person: what was looked at, and what was seen. Nothing secret is in it. */
  readonly message: string;
  /** Dotted path of the setting to change, e.g. `driver.subnetId`. */
  readonly setting?: string;
  /** How to mend it, one sentence. */
  readonly fix?: string;
}

/** What is going to be created, so that it can be checked without creating it. */
export interface PreflightRequest {
  readonly instanceTypes: readonly InstanceType[];
  readonly imageId: string;
  /** OpenSSH public key for the admin user; empty when the image brings its own. */
  readonly authorizedKey: string;
  /** So many VMs at once the pool may ask for; absent or 0: it has no limit. */
  readonly maxInstances?: number;
}

/** The least privileges a driver needs, in the form that the cloud itself takes. */
export interface PermissionPolicy {
  /** What the document is, as the cloud calls it: `IAM policy`, `custom role`, `role definition`. */
  readonly kind: string;
  /** To be written as JSON. */
  readonly document: Readonly<Record<string, unknown>>;
  /** What to do with it, a sentence each: where it goes, which part may be left out, and when. */
  readonly notes: readonly string[];
}

/** One series that a driver keeps by itself, as it stands now. */
export interface DriverMetric {
  /** Without prefix; a counter's ends in `_total`. */
  readonly name: string;
  readonly kind: 'gauge' | 'counter';
  readonly help: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
