import { buildBundle, bundleFolder } from './build-bundle.ts';

await buildBundle(bundleFolder);
