import { Ec2Fault } from './ec2-fault.ts';
import { numberIn, structuresIn, textIn, textsIn, type Structure } from './values.ts';

/** Gives something's values under a filter's name; undefined for a filter unknown. */
type ValuesOf<T> = (thing: T, name: string) => readonly string[] | undefined;

/** Those that pass a request's filters. */
export function filtered<T>(input: Structure, all: readonly T[], valuesOf: ValuesOf<T>): readonly T[] {
  const filters = structuresIn(input, 'Filters').map((filter) => ({
    name: textIn(filter, 'Name') ?? '',
    patterns: textsIn(filter, 'Values').map(wildcard),
  }));
  return all.filter((thing) =>
    filters.every(({ name, patterns }) => {
      const values = valuesOf(thing, name);
      if (values === undefined) throw new Ec2Fault('InvalidParameterValue', `The filter '${name}' is invalid`);
      return values.some((value) => patterns.some((pattern) => pattern.test(value)));
    }),
  );
}

/** `*` and `?` are wildcards unless a backslash stands before them. */
function wildcard(pattern: string): RegExp {
  const source = pattern.replaceAll(/\\([*?\\])|([*?])|([.+^${}()|[\]\\/-])/g, (_all, escaped, wild, special) => {
    if (typeof wild === 'string') return wild === '*' ? '.*' : '.';
    return `\\${String(escaped ?? special)}`;
  });
  return new RegExp(`^${source}$`, 's');
}

/** One page of results, with the token of the next. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

/** Cuts results into pages as MaxResults and NextToken say; without MaxResults everything comes at once. */
export function pageOf<T>(input: Structure, all: readonly T[]): Page<T> {
  const size = numberIn(input, 'MaxResults');
  if (size === undefined) return { items: all };
  if (size < 5 || size > 1_000)
    throw new Ec2Fault('InvalidParameterValue', `Value ( ${size} ) for parameter maxResults is invalid.`);
  const from = Number(Buffer.from(textIn(input, 'NextToken') ?? '', 'base64').toString('utf8') || '0');
  const end = from + size;
  const items = all.slice(from, end);
  return end < all.length ? { items, nextToken: Buffer.from(String(end)).toString('base64') } : { items };
}
