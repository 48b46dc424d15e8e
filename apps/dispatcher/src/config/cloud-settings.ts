/** Whom the drivers give the key to unless `adminUsername` says otherwise: their own defaults, which a test compares. */
const adminUsers: Readonly<Record<string, string>> = { ec2: 'crunch', gce: 'drover', azure: 'drover' };

/** What the pool should do differently on VMs of a cloud, until the file says otherwise: log in as whom the driver gives the key to. */
export function cloudSettings({ name, adminUsername }: Readonly<Record<string, unknown>> & { readonly name: string }): {
  readonly adminUser?: string;
} {
  const adminUser = typeof adminUsername === 'string' ? adminUsername : adminUsers[name];
  return adminUser === undefined ? {} : { adminUser };
}
