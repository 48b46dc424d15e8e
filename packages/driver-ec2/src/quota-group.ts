import type { InstanceType } from '@drover/spec';

/** What AWS counts together, by the beginning of a type's name. Its P quota is one, but P5 has one of its own. */
const knownGroups: Readonly<Record<string, string>> = {
  a: 'standard',
  c: 'standard',
  d: 'standard',
  h: 'standard',
  i: 'standard',
  m: 'standard',
  r: 'standard',
  t: 'standard',
  z: 'standard',
  vt: 'g',
  p5: 'p5',
};

/**
 * Which quota a type counts against, spot apart. The longest beginning that is named decides, and it must have at least all of the
 * type's leading letters, so that `t` says nothing about `trn1`; a family that nothing names is a group of its own.
 */
export function quotaGroupOf(
  { providerType, preemptible }: InstanceType,
  configured: Readonly<Record<string, string>>,
): string {
  const family = /^[a-z]*/.exec(providerType)?.[0] ?? '';
  const groups = { ...knownGroups, ...configured };
  let longest = '';
  for (const beginning of Object.keys(groups))
    if (providerType.startsWith(beginning) && beginning.length >= family.length && beginning.length > longest.length)
      longest = beginning;
  return `${groups[longest] ?? family}${preemptible ? '+spot' : ''}`;
}
