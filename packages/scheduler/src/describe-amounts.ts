const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `33.7 GiB`: at most one decimal, rounded up so that a need is never shown smaller than it is. */
export function describeBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Math.ceil(value * 10) / 10} ${units[unit]}`;
}

/** `0.35 per hour`, in the site's currency. */
export function describePrice(pricePerHour: number): string {
  return `${Number(pricePerHour.toFixed(4))} per hour`;
}

/** `1 vcpu`, `2 vcpus`. */
export function describeCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
