import { InvalidRequestError } from '@drover/spec';
import type { AzureParams } from './params.ts';
import type { ImageReference } from './sdk-subset.ts';

/** An image of which the parts are known, to look it up. */
export type NamedImage =
  | { readonly kind: 'image'; readonly resourceGroup: string; readonly name: string }
  | {
      readonly kind: 'gallery';
      readonly resourceGroup: string;
      readonly gallery: string;
      readonly name: string;
      readonly version: string;
    }
  | { readonly kind: 'marketplace'; readonly text: string }
  /** By an id of which nothing else is known, e.g. in another subscription. */
  | { readonly kind: 'id'; readonly text: string };

type ImageParams = Pick<
  AzureParams,
  | 'subscriptionId'
  | 'resourceGroup'
  | 'imageResourceGroup'
  | 'sharedImageGalleryName'
  | 'sharedImageGalleryImageVersion'
>;

const marketplace = /^([^:/]+):([^:/]+):([^:/]+):([^:/]+)$/;
const galleryId =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Compute\/galleries\/([^/]+)\/images\/([^/]+)\/versions\/([^/]+)$/i;
const imageId = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Compute\/images\/([^/]+)$/i;

/**
 * What the configured image is: a managed image by name or id, an image definition of the configured gallery, a gallery version by
 * id, or a marketplace image as `publisher:offer:sku:version`.
 * @throws InvalidRequestError for a VHD, or nothing
 */
export function parseImage(image: string, params: ImageParams): NamedImage {
  const { subscriptionId, sharedImageGalleryName: gallery, sharedImageGalleryImageVersion: version } = params;
  if (image === '')
    throw new InvalidRequestError('azure: there is no image to boot from', {
      fix: 'set pool.imageId: the name or id of a managed image, an image definition of the gallery, or publisher:offer:sku:version',
    });
  if (/^https?:/i.test(image))
    throw new InvalidRequestError(`azure: ${image} is an unmanaged VHD, which is not supported`, {
      fix: 'make a managed image of it (az image create --source …) and name that in pool.imageId',
    });
  const resourceGroup = params.imageResourceGroup ?? params.resourceGroup;
  const inGallery = galleryId.exec(image);
  if (inGallery !== null) {
    const [, subscription, group = '', name = '', definition = '', at = ''] = inGallery;
    if (subscription?.toLowerCase() !== subscriptionId.toLowerCase()) return { kind: 'id', text: image };
    return { kind: 'gallery', resourceGroup: group, gallery: name, name: definition, version: at };
  }
  const managed = imageId.exec(image);
  if (managed !== null) {
    const [, subscription, group = '', name = ''] = managed;
    if (subscription?.toLowerCase() !== subscriptionId.toLowerCase()) return { kind: 'id', text: image };
    return { kind: 'image', resourceGroup: group, name };
  }
  if (marketplace.test(image)) return { kind: 'marketplace', text: image };
  if (image.startsWith('/')) return { kind: 'id', text: image };
  return gallery === undefined || version === undefined
    ? { kind: 'image', resourceGroup, name: image }
    : { kind: 'gallery', resourceGroup, gallery, name: image, version };
}

/** How a create request names it. */
export function imageReference(image: NamedImage, subscriptionId: string): ImageReference {
  if (image.kind === 'id') return { id: image.text };
  if (image.kind === 'marketplace') {
    const [, publisher = '', offer = '', sku = '', version = ''] = marketplace.exec(image.text) ?? [];
    return { publisher, offer, sku, version };
  }
  const compute = `/subscriptions/${subscriptionId}/resourceGroups/${image.resourceGroup}/providers/Microsoft.Compute`;
  if (image.kind === 'image') return { id: `${compute}/images/${image.name}` };
  const definition = `${compute}/galleries/${image.gallery}/images/${image.name}`;
  // Without a version Azure takes the latest one; the word itself is for marketplace images only.
  return { id: image.version === 'latest' ? definition : `${definition}/versions/${image.version}` };
}
