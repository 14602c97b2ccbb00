import type { Command } from 'commander';
import { ApiClient } from './api-client.js';
import { connectionOf, type ConnectionEnvironment } from './connection.js';
import { Output, type OutputStreams } from './output.js';

/** What a command is given of the world around it. */
export interface CommandEnvironment {
  readonly streams: OutputStreams;
  readonly standardInput: NodeJS.ReadableStream;
  readonly variables: ConnectionEnvironment & Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
}

export interface CommandContext {
  readonly client: ApiClient;
  readonly output: Output;
  readonly environment: CommandEnvironment;
}

/** Returns what a command needs, from the options that all commands share. */
export function contextOf(command: Command, environment: CommandEnvironment): CommandContext {
  const options = command.optsWithGlobals<{ url?: string; apiKey?: string; json?: boolean }>();
  return {
    client: new ApiClient(connectionOf(options, environment.variables)),
    output: new Output(environment.streams, options.json === true),
    environment,
  };
}
