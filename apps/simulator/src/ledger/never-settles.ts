/** Whatever never comes to rest shows in one of these at the end: VMs, locks, connections or containers that are left. */
export const neverSettles: readonly number[] = [14, 19, 25, 28];
