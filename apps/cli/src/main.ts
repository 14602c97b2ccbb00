#!/usr/bin/env node
import { runProgram } from './program.js';

// Whoever reads has seen enough, as `| head` has: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

process.exitCode = await runProgram(process.argv.slice(2), {
  streams: process,
  standardInput: process.stdin,
  variables: process.env,
  now: Date.now,
});
