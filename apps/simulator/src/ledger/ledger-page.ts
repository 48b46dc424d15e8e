import { type BugFigure, caughtBy, firstSeeds, maxSeedsPerRange, medianSeeds } from './ledger-figures.ts';
import type { PlantedBug } from './planted-bug.ts';

/** docs/bug-ledger.md, from the registry and what `npm run ledger` measured. */
export function ledgerPage(bugs: readonly PlantedBug[], figures: readonly BugFigure[]): string {
  const byId = new Map(figures.map((figure) => [figure.id, figure]));
  const caught = bugs.filter((bug) => medianOf(byId.get(bug.id)) !== undefined);
  const uncaught = bugs.filter((bug) => byId.has(bug.id) && medianOf(byId.get(bug.id)) === undefined);
  const unmeasured = bugs.filter((bug) => !byId.has(bug.id));
  return [
    ...introduction({ planted: bugs.length, measured: bugs.length - unmeasured.length, caught: caught.length }),
    ...tables(caught, byId),
    ...section('Not caught', notCaughtText, uncaught),
    ...section('Not measured yet', notMeasuredText, unmeasured),
  ].join('\n');
}

const notCaughtText =
  'Nothing broke within the bound: either another fence makes the mistake harmless, or the simulator does not see it.';
const notMeasuredText = 'Planted since the last full measurement; `npm run ledger -- ID` measures one.';

function introduction(count: {
  readonly planted: number;
  readonly measured: number;
  readonly caught: number;
}): readonly string[] {
  return [
    '# Bug ledger',
    '',
    '<!-- Made by `npm run ledger`; do not edit. -->',
    '',
    'Mistakes that others have made and reported in public, planted one by one in drover’s real dispatcher, and what the simulator says',
    'to them. Each is a small change from outside: a port that lies, forgets or repeats, or an option that says something else. The',
    'sources describe the same kind of mistake in another program, not the same lines of code.',
    '',
    `${count.planted} planted, ${count.measured} measured, ${count.caught} caught. *Seeds*: how many had to be played until an invariant noticed, the median of`,
    `${firstSeeds.length} independent ranges of seeds, at most ${maxSeedsPerRange} each. *Caught by*: the numbers of the invariants of`,
    '[simulation.md](simulation.md) that noticed first. A seed with an asterisk had faults switched on that the mistake needs to show;',
    'otherwise every seed draws its own. Play one: `drover simulate --plant ID`.',
    '',
  ];
}

function tables(caught: readonly PlantedBug[], figures: ReadonlyMap<string, BugFigure>): readonly string[] {
  const classes = [...new Set(caught.map((bug) => bug.failureClass))];
  return classes.flatMap((failureClass) => [
    `## ${capital(failureClass)}`,
    '',
    '| id | what it does wrong | source | caught by | seeds |',
    '| --- | --- | --- | --- | ---: |',
    ...caught.filter((bug) => bug.failureClass === failureClass).map((bug) => row(bug, figures.get(bug.id))),
    '',
  ]);
}

function row(bug: PlantedBug, figure: BugFigure | undefined): string {
  const median = `${medianOf(figure) ?? '-'}${bug.where === undefined ? '' : '\\*'}`;
  const numbers = figure === undefined ? '-' : caughtBy(figure).join(', ');
  return `| \`${bug.id}\` | ${bug.title} | ${link(bug)} | ${numbers} | ${median} |`;
}

function section(title: string, text: string, bugs: readonly PlantedBug[]): readonly string[] {
  if (bugs.length === 0) return [];
  return [`## ${title}`, '', text, '', ...bugs.map((bug) => `- \`${bug.id}\`: ${bug.title} (${link(bug)})`), ''];
}

function link({ source }: PlantedBug): string {
  return `[${source.name}](${source.url})`;
}

function medianOf(figure: BugFigure | undefined): number | undefined {
  return figure === undefined ? undefined : medianSeeds(figure);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
