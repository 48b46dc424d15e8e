import { basename } from 'node:path';
import type { ReplayConfiguration } from '@drover/simulator';
import type { InstanceType } from '@drover/spec';
import { usageError } from '../output/usage-error.ts';
import { configFile } from './config-file.ts';

/** Which configurations are to be compared. */
export interface ConfigurationChoice {
  readonly config?: readonly string[];
  /** `key=value` each. */
  readonly set?: readonly string[];
  /** `key=value,value` each. */
  readonly vary?: readonly string[];
}

type Settings = Readonly<Record<string, string>>;

/**
 * Every chosen file with every combination of the varied values. `madeUp`: the instance types where none are configured.
 * @throws ConfigError as the dispatcher would, CLI_USAGE for a setting without value
 */
export async function chooseConfigurations(
  choice: ConfigurationChoice,
  madeUp: () => readonly InstanceType[],
): Promise<readonly ReplayConfiguration[]> {
  const files = choice.config ?? [configFile(undefined)];
  const fixed = Object.fromEntries((choice.set ?? []).map((text) => splitSetting('--set', text)));
  const combinations = combine((choice.vary ?? []).map(readVariation));
  const configurations: ReplayConfiguration[] = [];
  for (const file of files)
    for (const varied of combinations)
      configurations.push(await load(file, { ...fixed, ...varied }, nameOf(file, varied, files.length > 1), madeUp));
  return configurations;
}

async function load(
  file: string | undefined,
  settings: Settings,
  name: string,
  madeUp: () => readonly InstanceType[],
): Promise<ReplayConfiguration> {
  const { loadConfig, planningSettings, settingOf } = await import('@drover/dispatcher');
  const flags = Object.fromEntries(Object.entries(settings).map(([key, text]) => [key, settingOf(text)]));
  const config = loadConfig(file, process.env, flags);
  const { pool, ...others } = planningSettings(config, madeUp);
  // Types that nobody chose are no reason for a limit that nobody chose.
  const unlimited = config.instanceTypes === undefined && config.pool.maxInstances === undefined;
  return { name, ...others, pool: unlimited ? { ...pool, maxInstances: 0 } : pool };
}

function nameOf(file: string | undefined, varied: Settings, several: boolean): string {
  const changes = Object.entries(varied).map(([key, value]) => `${key}=${value}`);
  const name = file === undefined ? 'defaults' : basename(file);
  if (changes.length === 0) return name;
  return (several ? [name, ...changes] : changes).join(' ');
}

function splitSetting(option: string, text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw usageError(`${option} ${text} has no value`, `write ${option} key=value`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function readVariation(text: string): readonly Settings[] {
  const [key, values] = splitSetting('--vary', text);
  return values.split(',').map((value) => ({ [key]: value.trim() }));
}

function combine(variations: readonly (readonly Settings[])[]): readonly Settings[] {
  let combinations: readonly Settings[] = [{}];
  for (const values of variations)
    combinations = combinations.flatMap((before) => values.map((value) => ({ ...before, ...value })));
  return combinations;
}
