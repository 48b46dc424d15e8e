import { closestName } from '@drover/management-api/closest-name';
import { parseDuration } from '@drover/management-api/units';
import { DroverError } from '@drover/spec';
import type { z } from 'zod';
import { type FaultName, faultNames } from '../faults/fault-names.ts';
import type { Scenario } from '../scenario.ts';
import { scenarioFields, scenarioSchema, scenarioToJson } from './scenario-schema.ts';

/**
 * A scenario with some of its parts replaced, each as `key=value` in words of a command line: `containers=5`, `runMs=1s..10m`,
 * `faults=vm-lost,operator` (or `all`, `none`), and a single fault as `vm-lost=on` or `=off`. What comes later wins.
 * @throws DroverError SIMULATION_SETTING_INVALID
 */
export function withSettings(scenario: Scenario, settings: readonly string[]): Scenario {
  return settings.reduce(withSetting, scenario);
}

function withSetting(scenario: Scenario, setting: string): Scenario {
  const equals = setting.indexOf('=');
  if (equals < 1) throw invalid(`"${setting}" is not key=value`, 'for example containers=5');
  const key = setting.slice(0, equals).trim();
  const text = setting.slice(equals + 1).trim();
  const fault = faultNames.find((name) => name === key);
  if (fault !== undefined) return withFault(scenario, fault, text);
  const field = Object.keys(scenarioFields).find((name) => name === key);
  if (field === undefined) throw unknownKey(key);
  const merged = { ...scenarioToJson(scenario), [field]: readText(field, text) };
  const { success, data, error } = scenarioSchema.safeParse(merged);
  if (success) return data;
  throw invalid(`${key}=${text}: ${explain(key, error)}`, expected(key));
}

function withFault(scenario: Scenario, fault: FaultName, text: string): Scenario {
  if (text !== 'on' && text !== 'off') throw invalid(`${fault}=${text}: a fault is on or off`);
  const faults = faultNames.filter((name) => (name === fault ? text === 'on' : scenario.faults.includes(name)));
  return { ...scenario, faults };
}

/** The JSON that a text means for this key. What it cannot read it gives as it is: then the schema says what is wrong. */
function readText(key: string, text: string): unknown {
  if (key === 'faults' && text === 'all') return [...faultNames];
  if (key === 'faults' || key === 'instanceTypes') return text === 'none' ? [] : splitList(text);
  if (key === 'onlyContainers') return splitList(text).map(readNumber);
  if (key === 'strikes') return readJson(text);
  if (key === 'publishesHostKeys') return text === 'true' ? true : text === 'false' ? false : text;
  if (!key.endsWith('Ms')) return readNumber(text);
  if (isRangeKey(key)) return readRange(text);
  return readTime(text);
}

function isRangeKey(key: string): boolean {
  const field = Object.entries(scenarioFields).find(([name]) => name === key)?.[1];
  return field?.safeParse([0, 0]).success === true;
}

function readRange(text: string): readonly unknown[] {
  const [from = '', to = from] = text.split('..');
  return [readTime(from), readTime(to)];
}

/** Milliseconds when there is no unit. */
function readTime(text: string): unknown {
  const number = readNumber(text);
  if (typeof number === 'number') return number;
  const duration = parseDuration(text);
  return duration.ok ? duration.value : text;
}

function readNumber(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function splitList(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function expected(key: string): string | undefined {
  if (key === 'faults') return `the faults are ${faultNames.join(', ')}`;
  if (isRangeKey(key)) return `for example ${key}=1s..10m`;
  return key.endsWith('Ms') ? `for example ${key}=30m` : undefined;
}

function explain(key: string, error: z.ZodError): string {
  const [issue] = error.issues;
  const wrong = issue?.path[0] === key ? issue.path.slice(1) : (issue?.path ?? []);
  return [wrong.length === 0 ? '' : `(part ${wrong.map(String).join('.')}) `, issue?.message ?? 'not valid'].join('');
}

function unknownKey(key: string): DroverError {
  const known = [...Object.keys(scenarioFields), ...faultNames];
  const near = closestName(key, known);
  const fix = near === undefined ? `there are ${known.join(', ')}` : `did you mean ${near}?`;
  return invalid(`a simulation has no setting "${key}"`, fix);
}

function invalid(message: string, fix?: string): DroverError {
  return new DroverError('SIMULATION_SETTING_INVALID', message, fix === undefined ? {} : { fix });
}
