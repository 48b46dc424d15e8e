/** Defaults of the Azure driver; the names are the reference's, so are the values. */
export const azureDefaults = {
  cloudEnvironment: 'AzurePublicCloud',
  location: 'centralus',
  /** Age from which a network interface or disk of ours that belongs to no VM is removed. */
  deleteDanglingResourcesAfterMs: 20_000,
} as const;
