export { type SimulationResult, runSimulation } from './run-simulation.ts';
export { drawScenario, type Scenario } from './scenario.ts';
