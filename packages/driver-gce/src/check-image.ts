import * as z from 'zod';
import { type Check, result } from './check.ts';
import { imagePath } from './instance-resource.ts';

const imageSchema = z.object({
  name: z.string(),
  status: z.string().nullish(),
  diskSizeGb: z.coerce.number().nullish(),
});

/** The image is there, may be used, and fits on the boot disk. */
export const checkImage: Check = {
  subject: 'image',
  doing: 'see the image',
  setting: 'imageId',
  look: async ({ request: { imageId }, params, sdk, options }) => {
    const [, project, isFamily, image] =
      /projects\/([^/]+)\/global\/images\/(family\/)?([^/]+)$/.exec(imagePath(imageId, params.project)) ?? [];
    if (imageId === '' || project === undefined || image === undefined) {
      const fix = 'name one, for example projects/debian-cloud/global/images/family/debian-12';
      return [result('image', 'failed', `"${imageId}" names no image to boot from.`, 'imageId', fix)];
    }
    const [answer] = await (isFamily === undefined
      ? sdk.images.get({ project, image }, options)
      : sdk.images.getFromFamily({ project, family: image }, options));
    const { name, status, diskSizeGb } = imageSchema.parse(answer);
    if (status !== 'READY')
      return [
        result(
          'image',
          'failed',
          `The image ${name} is ${status ?? 'in no state'}, not READY.`,
          'imageId',
          'wait, or name another',
        ),
      ];
    const { sizeGib } = params.bootDisk;
    if ((diskSizeGb ?? 0) > sizeGib)
      return [
        result(
          'image',
          'failed',
          `The image ${name} needs ${diskSizeGb ?? 0} GiB, and the boot disk has ${sizeGib}.`,
          'driver.bootDisk.sizeGib',
          `set it to ${diskSizeGb ?? 0} or more`,
        ),
      ];
    return [result('image', 'ok', `The image ${name} is ready and fits on the boot disk.`)];
  },
};
