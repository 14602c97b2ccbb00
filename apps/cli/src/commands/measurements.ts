import { type MeasurementReply, severitySchema } from '@plumbline/contracts';
import { Option, type Command } from 'commander';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { numberText } from '../number-text.js';
import { countOption, instantOption, nameOption } from '../option-parsers.js';
import { allPages } from '../pages.js';
import { table } from '../table.js';

interface MeasurementsOptions {
  readonly model: string;
  readonly version?: string;
  readonly monitor?: string;
  readonly segment?: string;
  readonly feature?: string;
  readonly method?: string;
  readonly severity?: string;
  readonly from?: string;
  readonly to?: string;
  readonly allRevisions?: boolean;
  readonly limit: number;
}

export function addMeasurementsCommand(program: Command, environment: CommandEnvironment): void {
  const command = program
    .command('measurements')
    .description('list the numbers that monitors produced')
    .requiredOption('--model <name>', 'of this model', nameOption)
    .option('--version <name>', 'only of this version', nameOption)
    .option('--monitor <name>', 'only of this monitor', nameOption)
    .option('--segment <name>', 'only of this segment, as in "country=DE"')
    .option('--feature <name>', 'only of this feature')
    .option('--method <id>', 'only of this drift method or metric')
    .addOption(new Option('--severity <severity>', 'only with this severity').choices(severitySchema.options))
    .option('--from <instant>', 'windows that end after this instant', instantOption)
    .option('--to <instant>', 'windows that end at this instant or before', instantOption)
    .option('--all-revisions', 'what later revisions of the windows replaced too')
    .option('--limit <count>', 'at most this many', countOption, 1000)
    .action(async ({ model, limit, allRevisions = false, ...query }: MeasurementsOptions) => {
      const { client, output } = contextOf(command, environment);
      const path = `/v1/models/${model}/measurements`;
      const { version, monitor, segment, feature, method, severity, from, to } = query;
      const revisions = allRevisions ? 'all' : undefined;
      const filter = { version, monitor, segment, feature, method, severity, from, to, revisions };
      const found = await allPages<MeasurementReply>(client, path, filter, limit);
      output.result(found, found.length === 0 ? 'no measurements' : measurementTable(found, allRevisions));
    });
}

function measurementTable(measurements: readonly MeasurementReply[], allRevisions: boolean): string {
  return table(
    [
      ...[
        'window start',
        'version',
        'monitor',
        'feature',
        'method',
        'value',
        'effect',
        'p (adjusted)',
        'n',
        'severity',
      ],
      ...(allRevisions ? ['revision', 'superseded at'] : []),
    ],
    measurements.map((measurement) => [
      measurement.window_start,
      measurement.version,
      measurement.monitor,
      measurement.segment === '' ? measurement.feature : `${measurement.feature} in ${measurement.segment}`.trim(),
      measurement.method,
      numberText(measurement.value),
      numberText(measurement.effect),
      numberText(measurement.adjusted_p_value),
      String(measurement.n_current),
      measurement.severity,
      ...(allRevisions ? [String(measurement.revision), measurement.superseded_at ?? ''] : []),
    ]),
  );
}
