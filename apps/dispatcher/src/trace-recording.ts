import type { ContainerQueue, DispatchEvent, InstanceType } from '@drover/spec';
import { TraceFile, TraceRecorder } from '@drover/trace';
import type { ConfigFile } from './config/config-schema.ts';
import { systemClock } from './ports/system-clock.ts';
import type { StateDirectory } from './state-directory.ts';
import { version } from './version.ts';

/** A trace being recorded, or not, as the configuration says. */
export interface TraceRecording {
  readonly observe: (event: DispatchEvent) => void;
  /** The same queue; what goes through it is recorded. */
  readonly watch: (queue: ContainerQueue) => ContainerQueue;
  readonly close: () => void;
}

/**
 * Records a trace into the state directory. On by default, like the recorder of an aeroplane: when somebody wishes for a trace of an
 * incident it is too late to switch one on, and there is nothing in it that was not in the log.
 */
export function traceRecording(
  { trace }: ConfigFile,
  state: StateDirectory,
  facts: { readonly instanceTypes: readonly InstanceType[]; readonly onError: (error: Error) => void },
): TraceRecording {
  if (!trace.enabled) return { observe: () => undefined, watch: (queue) => queue, close: () => undefined };
  const { instanceTypes, onError } = facts;
  const path = trace.path ?? state.file('trace.ndjson');
  let file: TraceFile | undefined;
  const recorder = new TraceRecorder({
    clock: systemClock,
    droverVersion: version,
    instanceTypes,
    names: trace.names,
    open: (header) => {
      file = new TraceFile({ path, maxBytes: trace.maxSize, clock: systemClock, onError }, header);
      return file;
    },
  });
  return {
    observe: (event) => recorder.observe(event),
    watch: (queue) => recorder.watch(queue),
    close: () => file?.close(),
  };
}
