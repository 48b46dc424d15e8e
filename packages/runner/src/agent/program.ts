/** A program that takes longer is killed: engines answer within seconds or not at all. */
const timeoutMs = 60_000;

/** Runs a program and resolves with what it printed; rejects when it cannot be run or fails. Loads its module when first used. */
export async function runProgram(program: string, args: readonly string[]): Promise<string> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve, reject) => {
    execFile(program, [...args], { timeout: timeoutMs }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
}
