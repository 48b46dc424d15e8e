export type { Checks } from './check-rhythm.ts';
export { scenarioFor } from './ledger/catch-bug.ts';
export type { PlantedBug } from './ledger/planted-bug.ts';
export { findPlantedBug, plantedBugs } from './ledger/registry.ts';
export { isRepeatable, type Played, playTwice } from './play-twice.ts';
export { formatPlan, parsePlan, type BrokenRule, type Plan } from './plans/plan-file.ts';
export { withSettings } from './plans/scenario-settings.ts';
export { scenarioToJson } from './plans/scenario-schema.ts';
export { readableLine } from './report/readable-line.ts';
export { type RunOptions, type SimulationResult, runSimulation } from './run-simulation.ts';
export { drawScenario, type Scenario } from './scenario.ts';
export { type ReplayInput, replay } from './replay/replay.ts';
export {
  type CloudModel,
  defaultCloudModel,
  type ReplayConfiguration,
  type ZoneModel,
} from './replay/replay-options.ts';
export type { ReplayReport, SeriesName, TypeUse } from './replay/replay-report.ts';
export { cloudModelOf } from './replay/cloud-model-of.ts';
export { reportSvg } from './replay/report-svg.ts';
export { madeUpInstanceTypes } from './replay/made-up-types.ts';
export { JobCollector, JobTable } from './trace-files/job-table.ts';
export { readTrace } from './trace-files/read-trace.ts';
export { syntheticWorkload, usualWorkload, type WorkloadPlan } from './trace-files/synthetic-workload.ts';
export type { TraceNotes } from './trace-files/trace-job.ts';
export type { Shortage, TraceEnvironment } from './trace-files/trace-environment.ts';
export {
  defaultTraceReadOptions,
  type ReadTrace,
  type TraceFormat,
  type TraceReadOptions,
} from './trace-files/trace-source.ts';
export { type ShrinkProgress, type ShrinkResult, shrinkScenario } from './shrink/shrink-scenario.ts';
