/** Where a request of Azure Resource Manager points to. */
export interface ArmPath {
  readonly subscription: string;
  /** Empty for what belongs to the subscription. */
  readonly resourceGroup: string;
  /** Provider and types in lower case, e.g. `microsoft.network/virtualnetworks/subnets`. */
  readonly kind: string;
  /** Names of the types in order; one fewer than types when a collection is meant. */
  readonly names: readonly string[];
  readonly isCollection: boolean;
}

/** undefined: not a path of Azure Resource Manager. */
export function parseArmPath(pathname: string): ArmPath | undefined {
  const parts = pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  if (parts[0]?.toLowerCase() !== 'subscriptions' || parts[1] === undefined) return undefined;
  const inGroup = parts[2]?.toLowerCase() === 'resourcegroups';
  const rest = parts.slice(inGroup ? 4 : 2);
  if (rest[0]?.toLowerCase() !== 'providers' || rest[1] === undefined) return undefined;
  const pairs = rest.slice(2);
  const types = pairs.filter((_, index) => index % 2 === 0);
  const names = pairs.filter((_, index) => index % 2 === 1);
  return {
    subscription: parts[1],
    resourceGroup: inGroup ? (parts[3] ?? '') : '',
    kind: [rest[1], ...types].join('/').toLowerCase(),
    names,
    isCollection: types.length > names.length,
  };
}
