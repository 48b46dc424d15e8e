let goesOn = false;

/** A reader that has seen enough (`| head`) is no fault: the command ends, with success. */
export function watchBrokenPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      if (!goesOn && stream === process.stdout) process.exit(0);
    });
}

/** For a command whose work is not what it writes: whoever reads its log may come and go. */
export function goOnWithoutReader(): void {
  goesOn = true;
}
