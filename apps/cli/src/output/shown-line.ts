import { readFileSync } from 'node:fs';

/** Longer lines say nothing to a person. */
const maxLength = 160;
/** Names of settings that hold secrets, ours and any driver's, misspelt ones too. */
const secretName = /secret|token|passw|private_?key|access_?key|credential/i;
/** What is meant to be in the file in a secret's stead. */
const reference = /^["']?(?:file|env):/;

/**
 * The line of a file that a problem of the setting `path` is about, for people to see; tabs are single blanks. Who has written a secret
 * into the file does not find it on the terminal, in a log or in a bug report: its value is shown as dots, and a line that may be
 * all secret is not shown.
 */
export function shownLine(file: string, line: number, path: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8').split('\n')[line - 1]?.replaceAll('\t', ' ').trimEnd();
    if (text === undefined || text.trim() === '' || text.length > maxLength) return undefined;
    return withoutSecrets(text, secretName.test(path));
  } catch {
    // Standard input, or a file that is gone: the place must do.
    return undefined;
  }
}

function withoutSecrets(text: string, isOfSecret: boolean): string | undefined {
  const keys = [...text.matchAll(/([\w.-]+)["']?\s*:(?=\s|$)/g)];
  // The value of a key on another line, or a line of a PEM file.
  if (keys.length === 0) return isOfSecret || /^[\s\w+/=-]{16,}$/.test(text) ? undefined : text;
  const secret = keys.find(([, name = '']) => secretName.test(name));
  if (secret === undefined) return text;
  const from = secret.index + secret[0].length;
  const value = text.slice(from).trimStart();
  return value === '' || (reference.test(value) && !isListOrFlow(value)) ? text : `${text.slice(0, from)} …`;
}

/** More than a reference stands there. */
function isListOrFlow(value: string): boolean {
  return /[,}\]#]/.test(value);
}
