import type { RouteReply } from '@plumbline/contracts';
import type { Command } from 'commander';
import { contextOf, type CommandEnvironment } from '../command-context.js';
import { nameOption } from '../option-parsers.js';
import { table } from '../table.js';

export function addRoutesCommands(program: Command, environment: CommandEnvironment): void {
  const group = program.command('routes').description('which alerts go to whom, and how often');

  const list = group
    .command('list')
    .description('list routes in the order in which they are asked')
    .action(async () => {
      const { client, output } = contextOf(list, environment);
      const { items } = (await client.get('/v1/routes')) as { readonly items: readonly RouteReply[] };
      output.result(items, items.length === 0 ? 'no routes: every alert goes to all receivers' : routeTable(items));
    });

  const show = group
    .command('show')
    .description('show a route')
    .argument('<route>', 'its name', nameOption)
    .action(async (name: string) => {
      const { client, output } = contextOf(show, environment);
      const route = (await client.get(`/v1/routes/${encodeURIComponent(name)}`)) as RouteReply;
      output.result(
        route,
        Object.entries(route)
          .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
          .join('\n'),
      );
    });
}

function routeTable(routes: readonly RouteReply[]): string {
  const header = ['order', 'route', 'matchers', 'receivers', 'continue', 'group by', 'wait', 'interval', 'repeat'];
  const rows = routes.map((route) => [
    String(route.order),
    route.route,
    route.matchers.length === 0 ? 'every alert' : route.matchers.join(', '),
    route.receivers.length === 0 ? 'nobody' : route.receivers.join(', '),
    route.continue ? 'yes' : '',
    route.group_by.join(', '),
    route.group_wait,
    route.group_interval,
    route.repeat_interval,
  ]);
  return table(header, rows);
}
