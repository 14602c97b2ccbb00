#!/usr/bin/env node
import { runProgram } from './program.js';

process.exitCode = await runProgram(process.argv.slice(2), {
  streams: process,
  standardInput: process.stdin,
  variables: process.env,
  now: Date.now,
});
