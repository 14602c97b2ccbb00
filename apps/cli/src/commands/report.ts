import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { CliError, UsageError } from '../cli-error.js';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { instantOption, nameOption } from '../option-parsers.js';

interface ReportOptions {
  readonly model: string;
  readonly version?: string;
  readonly segment?: string;
  readonly from?: string;
  readonly to?: string;
  readonly zone: string;
  readonly output?: string;
}

export function addReportCommand(program: Command, environment: CommandEnvironment): void {
  const command = program
    .command('report')
    .description('write how a model did in a time range into one HTML file that can be mailed and printed')
    .requiredOption('--model <name>', 'of this model', nameOption)
    .option('--version <name>', 'only of this version', nameOption)
    .option('--segment <name>', 'only of this segment, as in "country=DE"')
    .option('--from <instant>', 'windows that end after this instant; 14 days before --to when absent', instantOption)
    .option('--to <instant>', 'windows that end at this instant or before; now when absent', instantOption)
    .option('--zone <name>', 'time zone that times are written in', 'UTC')
    .option('-o, --output <file>', '<model>-report.html when absent; - for stdout')
    .action(async ({ model, output: file = `${model}-report.html`, ...query }: ReportOptions) => {
      const { client, output } = contextOf(command, environment);
      if (query.from !== undefined && query.to !== undefined && query.from >= query.to) {
        throw new UsageError('--to: must be later than --from');
      }
      const { version, segment, from, to, zone } = query;
      const html = await client.get(`/v1/models/${model}/report`, { version, segment, from, to, zone });
      if (typeof html !== 'string') {
        throw new CliError('the server did not answer with a report: is it a Plumbline of this version?');
      }
      if (file === '-') {
        environment.streams.stdout.write(html);
        return;
      }
      try {
        await writeFile(file, html);
      } catch (error) {
        throw new UsageError(`--output: ${file} cannot be written: ${(error as Error).message}`);
      }
      const sizeBytes = Buffer.byteLength(html);
      output.result({ file, size_bytes: sizeBytes }, `${file}, ${Math.ceil(sizeBytes / 1024)} kB`);
    });
}
