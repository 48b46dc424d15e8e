/** A token that does not belong somewhere, and what to write instead. */
export interface BannedToken {
  readonly pattern: RegExp;
  readonly instead: string;
  /** Files it is banned in; default: everywhere. */
  readonly where?: (path: string) => boolean;
}

/** The layers that must not know real time, chance or the network. */
const core = /^packages\/(spec|throttle|pool|scheduler|queue-rules|compose)\/src\/(?!.*\.test\.ts$)/;
const inCore = (path: string): boolean => core.test(path);
const notHere = (path: string): boolean => !path.startsWith('tidy/');

export const bannedTokens: readonly BannedToken[] = [
  {
    pattern: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/,
    instead: 'the Clock that is passed in',
    where: inCore,
  },
  { pattern: /\b(setTimeout|setInterval)\(/, instead: 'clock.timer or clock.sleep', where: inCore },
  {
    pattern: /\bMath\.random\(|\brandomUUID\(|\brandomBytes\(/,
    instead: 'the Random that is passed in',
    where: inCore,
  },
  {
    pattern: /from 'node:(net|http|https|fs|child_process|crypto|dgram|tls)/,
    instead: 'a port of spec',
    where: inCore,
  },
  { pattern: /\b(await|return|=) fetch\(|globalThis\.fetch/, instead: 'a port of spec', where: inCore },
  { pattern: /\b(TODO|FIXME|XXX|HACK)\b/, instead: 'finished code', where: notHere },
  { pattern: /@ts-(ignore|nocheck|expect-error)/, instead: 'a type that is right', where: notHere },
  {
    pattern: /(oxlint|eslint)-disable(?!-next-line [a-z/-]+ --)/,
    instead: 'one rule on one line, with its reason',
    where: notHere,
  },
  { pattern: /\b(describe|test|it)\.(only|todo)\(/, instead: 'a test that runs', where: notHere },
  { pattern: /:\s*any(?=\s*([;,)=\]|&{]|$))|\bas any\b|<any>/, instead: 'unknown and a check', where: notHere },
  { pattern: /\bas unknown as\b/, instead: 'a check that proves the type', where: notHere },
  { pattern: /\benum\s+[A-Z]/, instead: 'a union of string literals', where: notHere },
  {
    pattern: /^export default\b/m,
    instead: 'a named export',
    where: (path) => notHere(path) && !path.endsWith('.config.ts'),
  },
];
