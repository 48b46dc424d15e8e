import type { TraceEnvironment } from '../trace-files/trace-environment.ts';
import { type CloudModel, defaultCloudModel, type ZoneModel } from './replay-options.ts';

/** A recorded boot ended with the attempt that found the VM ready; those come every ten seconds, so that it took half of that less. */
const foundLaterMs = 5_000;

/** The cloud as a recorded trace shows it; where that shows nothing, as is supposed of any. */
export function cloudModelOf(environment: TraceEnvironment | undefined): CloudModel {
  if (environment === undefined) return defaultCloudModel;
  const { bootMs, zones, shortages } = environment;
  return {
    ...defaultCloudModel,
    ...(bootMs.length === 0 ? {} : { bootMs: bootMs.map((ms) => Math.max(0, ms - foundLaterMs)) }),
    ...(zones.length === 0 ? {} : { zones: zones.map(zoneModel) }),
    shortages,
  };
}

/** Interruptions by the hours in which there could have been any; of a zone without, what is usual. */
function zoneModel({ name, spotHours, interruptions }: TraceEnvironment['zones'][number]): ZoneModel {
  const [{ spotMeanLifeMs: usualMs } = { spotMeanLifeMs: Number.POSITIVE_INFINITY }] = defaultCloudModel.zones;
  if (spotHours === 0) return { name, spotMeanLifeMs: usualMs };
  return {
    name,
    spotMeanLifeMs: interruptions === 0 ? Number.POSITIVE_INFINITY : (spotHours * 3_600_000) / interruptions,
  };
}
