import { type Command, Help, Option } from 'commander';
import { outputFormats } from '../output/print.ts';

const group = 'Options of many commands:';

/** How help is laid out: a command's own options come first. */
export const helpLayout: Partial<Help> = {
  groupItems(unsorted, visible, groupOf) {
    const groups = new Help().groupItems(unsorted, visible, groupOf);
    const ofMany = groups.get(group);
    if (ofMany === undefined) return groups;
    groups.delete(group);
    return groups.set(group, ofMany);
  },
};

/** Options of every command that prints something. */
export function withOutput(command: Command): Command {
  return command.addOption(
    new Option('-o, --output <format>', 'how to print')
      .choices([...outputFormats])
      .default('table')
      .helpGroup(group),
  );
}

/** Options of every command that talks to a dispatcher. */
export function withDispatcher(command: Command): Command {
  return withOutput(command)
    .addOption(
      new Option(
        '--url <url>',
        'the dispatcher; default: DROVER_URL with DROVER_TOKEN, else the one of this folder',
      ).helpGroup(group),
    )
    .addOption(
      new Option('--state-directory <folder>', 'where a dispatcher on this machine keeps its state')
        .default('./.drover')
        .helpGroup(group),
    );
}
