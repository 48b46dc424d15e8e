const portableDataHash = /^[0-9a-f]{32}\+(\d+)$/;
const blockBytes = 64 * 1024 * 1024;

/**
 * Size of an image, estimated from the length N of its manifest in the portable data hash `md5+N`: N less 80 for the file's
 * name and place, 42 for each block of 64 MiB. 0 when there is no such hash, or N < 122.
 */
export function imageSizeBytes(image: string | undefined): number {
  const manifestLength = Number(portableDataHash.exec(image ?? '')?.[1] ?? 0);
  if (manifestLength < 122 || !Number.isSafeInteger(manifestLength)) return 0;
  return Math.floor((manifestLength - 80) / 42) * blockBytes;
}
