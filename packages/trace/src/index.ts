export { type Line, readLines } from './lines.ts';
export { type ParsedRecord, parseTraceRecord } from './parse-trace-record.ts';
export { TraceFile, type TraceFileOptions } from './trace-file.ts';
export { TraceRecorder, type TraceRecorderOptions, type TraceSink } from './trace-recorder.ts';
export {
  type InstanceRecord,
  type JobAsk,
  type JobEnded,
  type JobSubmitted,
  type ShortageRecord,
  type TraceHeader,
  type TraceRecord,
  traceVersion,
} from './trace-records.ts';
