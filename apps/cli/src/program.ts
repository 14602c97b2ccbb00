import { Command, CommanderError } from 'commander';
import { CliError } from './cli-error.js';
import type { CommandEnvironment } from './command-context.js';
import { addAlertsCommand } from './commands/alerts.js';
import { addCellsCommands } from './commands/cells.js';
import { addConfigurationCommands } from './commands/configuration.js';
import { addDeadLettersCommands } from './commands/dead-letters.js';
import { addDemoCommand } from './commands/demo.js';
import { addDoctorCommand } from './commands/doctor.js';
import { addEvaluateCommand } from './commands/evaluate.js';
import { addImportCommands } from './commands/import.js';
import { addMeasurementsCommand } from './commands/measurements.js';
import { addMethodsCommand } from './commands/methods.js';
import { addNotificationsCommands } from './commands/notifications.js';
import { addReceiversCommands } from './commands/receivers.js';
import { addModelCommand } from './commands/model.js';
import { addImportanceCommands } from './commands/importance.js';
import { addReferenceCommands } from './commands/reference.js';
import { addReportCommand } from './commands/report.js';
import { addRetrainingRunsCommand } from './commands/retraining-runs.js';
import { addRoutesCommands } from './commands/routes.js';
import { addServeCommand } from './commands/serve.js';
import { addSilencesCommands } from './commands/silences.js';
import { DEFAULT_URL } from './connection.js';
import { EXIT_CODES_HELP, EXIT_OK, EXIT_USAGE } from './exit-code.js';

/**
 * Runs the command line on arguments (without node and script) and resolves with the exit code. Unknown errors are thrown: they
 * are mistakes of this program, and their stack is the report.
 */
export async function runProgram(
  commandArguments: readonly string[],
  environment: CommandEnvironment,
): Promise<number> {
  const program = createProgram(environment);
  try {
    await program.parseAsync([...commandArguments], { from: 'user' });
    return EXIT_OK;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
    if (!(error instanceof CliError)) throw error;
    environment.streams.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
}

function createProgram(environment: CommandEnvironment): Command {
  const program = new Command('plumbline')
    .description('monitoring of deployed machine-learning models')
    .option('--url <url>', `server to talk to (PLUMBLINE_URL, else ${DEFAULT_URL})`)
    .option('--api-key <key>', 'API key (PLUMBLINE_API_KEY)')
    .option('--json', 'write the result as JSON on stdout, and nothing else there')
    .addHelpText('after', EXIT_CODES_HELP)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => environment.streams.stdout.write(text),
      writeErr: (text) => environment.streams.stderr.write(text),
    });
  // Commands inherit exitOverride and output when they are added, so after the lines above.
  addServeCommand(program, environment);
  addConfigurationCommands(program, environment);
  addModelCommand(program, environment);
  addImportanceCommands(program, environment);
  addReferenceCommands(program, environment);
  addImportCommands(program, environment);
  addEvaluateCommand(program, environment);
  addAlertsCommand(program, environment);
  addSilencesCommands(program, environment);
  addRoutesCommands(program, environment);
  addReceiversCommands(program, environment);
  addNotificationsCommands(program, environment);
  addMeasurementsCommand(program, environment);
  addReportCommand(program, environment);
  addMethodsCommand(program, environment);
  addRetrainingRunsCommand(program, environment);
  addCellsCommands(program, environment);
  addDeadLettersCommands(program, environment);
  addDoctorCommand(program, environment);
  addDemoCommand(program, environment);
  return program;
}
