import { expect, it } from 'vitest';
import { drawScenario } from '../scenario.ts';
import { faultNames } from '../faults/fault-names.ts';
import { withSettings } from './scenario-settings.ts';

const scenario = drawScenario(7);

it.each<[string, object]>([
  ['containers=5', { containers: 5 }],
  ['runMs=1s..10m', { runMs: [1000, 600_000] }],
  ['bootMs=250', { bootMs: [250, 250] }],
  ['healAtMs=1h30m', { healAtMs: 5_400_000 }],
  ['instanceTypes=small-spot,medium', {}],
  ['publishesHostKeys=false', { publishesHostKeys: false }],
  ['faults=none', { faults: [] }],
  ['faults=all', { faults: [...faultNames] }],
  ['faults=vm-lost, operator', { faults: ['vm-lost', 'operator'] }],
  ['onlyContainers=2,5', { onlyContainers: [2, 5] }],
  ['strikes={"vm-lost":[1]}', { strikes: { 'vm-lost': [1] } }],
])('%s', (setting, part) => {
  expect(withSettings(scenario, [setting])).toMatchObject(part);
});

it('names instance types, and switches single faults; what comes later wins', () => {
  const changed = withSettings(scenario, ['instanceTypes=medium,small-spot', 'faults=none', 'vm-lost=on', 'quota=on']);
  expect(changed.instanceTypes.map(({ name }) => name)).toEqual(['medium', 'small-spot']);
  expect(changed.faults).toEqual(['quota', 'vm-lost']);
  expect(withSettings(changed, ['quota=off']).faults).toEqual(['vm-lost']);
});

it.each([
  ['containers', 'is not key=value'],
  ['container=5', 'did you mean containers?'],
  ['vm-last=on', 'did you mean vm-lost?'],
  ['xyz=1', 'there are seed, containers'],
  ['containers=many', 'containers=many'],
  ['containers=-1', 'containers=-1'],
  ['runMs=10s..1s', 'must not be above'],
  ['faults=vm-last', 'faults=vm-last'],
  ['vm-lost=perhaps', 'on or off'],
  ['strikes=all', 'strikes=all'],
  ['onlyContainers=0', 'onlyContainers=0'],
])('%s is refused: %s', (setting, text) => {
  const refused = (): unknown => withSettings(scenario, [setting]);
  expect(refused).toThrow(expect.objectContaining({ code: 'SIMULATION_SETTING_INVALID' }));
  expect(errorText(refused)).toContain(text);
});

function errorText(work: () => unknown): string {
  try {
    work();
    return '';
  } catch (error) {
    const fix = error instanceof Error && 'fix' in error ? String(error.fix) : '';
    return `${String(error)} ${fix}`;
  }
}
