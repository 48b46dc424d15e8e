/** A text as one word of a POSIX shell command line. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The command line as root: root runs it as it is, everybody else through sudo, which never asks for a password. */
export function asRoot(user: string, command: string): string {
  return user === 'root' ? command : `sudo -n sh -c ${shellQuote(command)}`;
}
