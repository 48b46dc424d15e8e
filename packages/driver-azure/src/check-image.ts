import type { CheckResult, PreflightRequest } from '@drover/spec';
import { result } from './check.ts';
import { parseImage } from './image-reference.ts';
import { mapError } from './map-error.ts';
import type { AzureSurroundings } from './surroundings.ts';

const setting = 'pool.imageId';

/** Whether the image is there. */
export async function checkImage(
  around: AzureSurroundings,
  { imageId }: PreflightRequest,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const { clients, params, context } = around;
  const { compute } = clients;
  const options = { abortSignal: signal };
  const image = parseImage(imageId, params);
  if ((image.kind !== 'image' && image.kind !== 'gallery') || (image.kind === 'gallery' && image.version === 'latest'))
    return [result('image', 'skipped', `${imageId} cannot be looked at without creating a VM`)];
  try {
    if (image.kind === 'image') await compute.images.get(image.resourceGroup, image.name, options);
    else await compute.galleryImageVersions.get(image.resourceGroup, image.gallery, image.name, image.version, options);
  } catch (error) {
    const mapped = mapError(error, { doing: 'look at image', nowMs: context.clock.wallMs() });
    if (mapped.code !== 'CLOUD_NOT_FOUND') throw mapped;
    const where = `the resource group ${image.resourceGroup}${image.kind === 'gallery' ? `, gallery ${image.gallery}` : ''}`;
    return [
      result('image', 'failed', `there is no image ${imageId} in ${where}`, {
        setting,
        fix: 'correct pool.imageId, driver.imageResourceGroup or the gallery and its version',
      }),
    ];
  }
  return [result('image', 'ok', `the image ${imageId} is there`)];
}
