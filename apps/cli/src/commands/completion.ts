import type { Command } from 'commander';
import { out } from '../output/terminal.ts';
import { usageError } from '../output/usage-error.ts';

/** `drover completion bash|zsh`: a script for `source <(drover completion bash)`. */
export function printCompletion(shell: string, program: Command): void {
  if (shell !== 'bash' && shell !== 'zsh') throw usageError(`there is no completion for ${shell}`, 'write bash or zsh');
  const script = bashScript(program);
  out(shell === 'bash' ? script : `autoload -Uz bashcompinit && bashcompinit\n${script}`);
}

/** Words that may follow each path of commands: `containers list` → its options. */
function wordsByPath(command: Command, path: readonly string[] = []): readonly (readonly [string, string])[] {
  const own = [...command.commands.map((child) => child.name()), ...command.options.map((option) => option.long ?? '')];
  const children = command.commands.flatMap((child) => wordsByPath(child, [...path, child.name()]));
  return [[path.join(' '), own.filter((word) => word !== '').join(' ')], ...children];
}

function bashScript(program: Command): string {
  const cases = wordsByPath(program).map(([path, words]) => `    '${path}') words='${words}' ;;`);
  return [
    '_drover() {',
    '  local path="" words="" word',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    case "$word" in --) return ;; -*) ;; *) path="${path:+$path }$word" ;; esac',
    '  done',
    '  case "$path" in',
    ...cases,
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -o default -F _drover drover',
  ].join('\n');
}
