export { exitCodes } from './output/exit-code.ts';
export { createProgram } from './program/program.ts';
export { main } from './program/run-program.ts';
