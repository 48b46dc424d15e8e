import type { Source } from './planted-bug.ts';

/** An issue or a pull request. */
export function issue(repository: string, number: number): Source {
  return { name: `${repository}#${number}`, url: `https://github.com/${repository}/issues/${number}` };
}

/** A commit of the reference that mends it, with the number of its ticket where the message names one. */
export function arvados(commit: string, ticket?: number): Source {
  const suffix = ticket === undefined ? '' : ` (${ticket})`;
  return {
    name: `arvados/arvados ${commit.slice(0, 10)}${suffix}`,
    url: `https://github.com/arvados/arvados/commit/${commit}`,
  };
}
