import type { Command } from 'commander';
import { CliError } from '../cli-error.js';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { checkDataFolder } from '../doctor/check-data-folder.js';
import { checkNode } from '../doctor/check-node.js';
import { checkReceivers } from '../doctor/check-receivers.js';
import { checkScopes } from '../doctor/check-scopes.js';
import { checkServer } from '../doctor/check-server.js';
import type { Finding } from '../doctor/finding.js';

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

export function addDoctorCommand(program: Command, environment: CommandEnvironment): void {
  const command = program
    .command('doctor')
    .description('check this machine and the server; writes nothing; exit code 1 when a check fails')
    .option('--data-dir <folder>', 'folder of the embedded store (./data)')
    .action(async ({ dataDir }: { dataDir?: string }) => {
      const { client, output } = contextOf(command, environment);
      const server = await checkServer(client, environment.now);
      const reached = server.every((finding) => finding.check !== 'server' || finding.state === 'ok');
      const local = LOOPBACK.test(new URL(client.connection.url).hostname);
      const findings: readonly Finding[] = [
        checkNode(process.versions.node),
        ...(local ? await checkDataFolder(dataDir ?? environment.variables['PLUMBLINE_DATA_DIR'] ?? './data') : []),
        ...server,
        ...(reached ? [...(await checkScopes(client)), ...(await checkReceivers(client))] : []),
      ];
      output.result(findings, findings.map(findingText).join('\n'));
      const failed = findings.filter((finding) => finding.state === 'fail').length;
      if (failed > 0) throw new CliError(`${failed} checks failed`);
    });
}

function findingText({ state, check, detail, remedy }: Finding): string {
  return `${state.padEnd(4)}  ${check}: ${detail}${remedy === '' ? '' : `\n      → ${remedy}`}`;
}
