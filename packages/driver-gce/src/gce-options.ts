/** Defaults of the Google Compute Engine driver. */
export const gceDefaults = {
  /** The account on the VM that gets the key. */
  adminUsername: 'drover',
  bootDiskGib: 20,
} as const;
