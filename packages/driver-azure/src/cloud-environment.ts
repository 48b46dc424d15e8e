/** Azure's clouds, by the names that the reference takes. */
export const cloudEnvironments = ['AzurePublicCloud', 'AzureUSGovernmentCloud', 'AzureChinaCloud'] as const;
export type CloudEnvironment = (typeof cloudEnvironments)[number];

/** Where a cloud is managed and where one signs in. */
export interface CloudAddresses {
  readonly resourceManager: string;
  readonly signIn: string;
}

const addresses: Readonly<Record<CloudEnvironment, CloudAddresses>> = {
  AzurePublicCloud: { resourceManager: 'https://management.azure.com', signIn: 'https://login.microsoftonline.com' },
  AzureUSGovernmentCloud: {
    resourceManager: 'https://management.usgovcloudapi.net',
    signIn: 'https://login.microsoftonline.us',
  },
  AzureChinaCloud: {
    resourceManager: 'https://management.chinacloudapi.cn',
    signIn: 'https://login.chinacloudapi.cn',
  },
};

export function addressesOf(environment: CloudEnvironment): CloudAddresses {
  return addresses[environment];
}
