#!/usr/bin/env node
import { runProgram } from './program.js';

process.exitCode = await runProgram(process.argv.slice(2), {
  streams: process,
  variables: process.env,
  now: Date.now,
});
