export { formatPlan, parsePlan, type BrokenRule, type Plan } from './plans/plan-file.ts';
export { withSettings } from './plans/scenario-settings.ts';
export { type SimulationResult, runSimulation } from './run-simulation.ts';
export { drawScenario, type Scenario } from './scenario.ts';
