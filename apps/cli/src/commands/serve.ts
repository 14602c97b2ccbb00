import type { Command } from 'commander';
import { CliError } from '../cli-error.js';
import type { CommandEnvironment } from '../command-context.js';
import { exitCodeOf, startStandalone } from '../server/standalone.js';

interface ServeOptions {
  readonly port?: string;
  readonly dataDir?: string;
  readonly config?: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

export function addServeCommand(program: Command, { variables }: CommandEnvironment): void {
  program
    .command('serve')
    .description('run the whole server in one process; Ctrl-C finishes what is in hand and ends it')
    .option('--port <number>', 'port to listen on (8080)')
    .option('--data-dir <folder>', 'folder of the embedded store (./data)')
    .option('--config <file>', 'settings in YAML')
    .action(async (options: ServeOptions) => runServer([], serverVariables(options, variables)));

  program
    .command('print-config')
    .description('print the settings the server would run with as JSON, secrets redacted')
    .option('--config <file>', 'settings in YAML')
    .action(async (options: ServeOptions) => runServer(['--print-config'], serverVariables(options, variables)));
}

/** The server reads its settings from the environment, so that is how the options reach it. */
function serverVariables({ port, dataDir, config }: ServeOptions, variables: Variables): Variables {
  return {
    ...variables,
    ...(port === undefined ? {} : { PLUMBLINE_HTTP_PORT: port }),
    ...(dataDir === undefined ? {} : { PLUMBLINE_DATA_DIR: dataDir }),
    ...(config === undefined ? {} : { PLUMBLINE_CONFIG_FILE: config }),
  };
}

async function runServer(serverArguments: readonly string[], environment: Variables): Promise<void> {
  const server = startStandalone({ arguments: serverArguments, environment, stdio: 'inherit' });
  // Ctrl-C reaches the server from the terminal itself; this process must only outlive its draining.
  const ignore = (): void => undefined;
  const forward = (): void => void server.kill('SIGTERM');
  process.on('SIGINT', ignore).on('SIGTERM', forward);
  const exitCode = await exitCodeOf(server);
  process.off('SIGINT', ignore).off('SIGTERM', forward);
  if (exitCode !== 0) throw new CliError(`the server ended with exit code ${exitCode}`, exitCode);
}
