export { runProgram } from './program.js';
export type { CommandEnvironment } from './command-context.js';
