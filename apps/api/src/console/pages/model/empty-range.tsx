import { EmptyState, Instant, Panel } from '@plumbline/report';
import { modelPath, withQuery } from '../../paths.js';
import type { WhyEmpty } from './read-why-empty.js';

/** Says why nothing was measured in the range, and what to do about it. */
export function EmptyRange({ model, why }: { readonly model: string; readonly why: WhyEmpty }) {
  return (
    <Panel title="Nothing to show">
      <Why model={model} why={why} />
    </Panel>
  );
}

function Why({ model, why }: { readonly model: string; readonly why: WhyEmpty }) {
  switch (why.kind) {
    case 'no_predictions':
      return (
        <EmptyState title="No prediction yet" command={predictionCommand(model)}>
          The model is declared, and no service has logged a prediction of it. One is logged like this:
        </EmptyState>
      );
    case 'not_closed':
      return (
        <EmptyState title="No window was evaluated yet" command={evaluateCommand(model, why.firstMs)}>
          The first prediction came <Instant atMs={why.firstMs} />. Windows are evaluated when they are over and late
          events had their time: the next time at <Instant atMs={why.closesMs} />. To see earlier what the past says:
        </EmptyState>
      );
    case 'elsewhere':
      return (
        <EmptyState title="No window in this range">
          The newest window that was evaluated ended <Instant atMs={why.newestMs} />.{' '}
          <a href={withQuery(modelPath(model), rangeUpTo(why.newestMs))}>Show the two weeks up to it</a>, or choose
          another range above.
        </EmptyState>
      );
    case 'filtered':
      return (
        <EmptyState title="Nothing in this version and segment">
          Windows of this range were evaluated, but of other versions or segments.{' '}
          <a href={withQuery(modelPath(model), why.query)}>Show all versions and all events</a>
        </EmptyState>
      );
  }
}

const TWO_WEEKS_MS = 14 * 86_400_000;

function rangeUpTo(endMs: number): Record<string, string> {
  return { from: new Date(endMs - TWO_WEEKS_MS).toISOString(), to: new Date(endMs).toISOString() };
}

function predictionCommand(model: string): string {
  const event = { model, prediction_id: 'first-1', features: { age: 41 }, prediction: { label: 1, score: 0.71 } };
  return `curl -s "$PLUMBLINE_URL/v1/predictions" -H 'content-type: application/json' -d '${JSON.stringify(event)}'`;
}

function evaluateCommand(model: string, fromMs: number): string {
  return `plumbline evaluate --model ${model} --from ${new Date(fromMs).toISOString()} --to now --every 1h`;
}
