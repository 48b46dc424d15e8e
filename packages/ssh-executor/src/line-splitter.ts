const newline = 0x0a;

/** Cuts a byte stream into lines. */
export interface LineSplitter {
  /** The lines that this chunk completes, without line ends; undefined once a line is longer than the limit. */
  push(chunk: Uint8Array): readonly string[] | undefined;
}

/** Lines are UTF-8 and end in a line feed; a last one without it is incomplete and never delivered. */
export function createLineSplitter(maxLineBytes: number): LineSplitter {
  let partial: Buffer[] = [];
  let partialBytes = 0;
  let broken = false;
  const take = (rest: Buffer): string => {
    if (partialBytes === 0) return rest.toString('utf8');
    partial.push(rest);
    const line = Buffer.concat(partial).toString('utf8');
    partial = [];
    partialBytes = 0;
    return line;
  };
  return {
    push: (chunk) => {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const lines: string[] = [];
      let start = 0;
      for (let end = bytes.indexOf(newline); end !== -1 && !broken; end = bytes.indexOf(newline, start)) {
        broken = partialBytes + end - start > maxLineBytes;
        if (!broken) lines.push(take(bytes.subarray(start, end)));
        start = end + 1;
      }
      partialBytes += bytes.length - start;
      broken ||= partialBytes > maxLineBytes;
      if (broken) {
        partial = [];
        return undefined;
      }
      // A copy: a slice would keep the whole packet alive.
      if (start < bytes.length) partial.push(Buffer.from(bytes.subarray(start)));
      return lines;
    },
  };
}
