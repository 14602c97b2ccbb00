import { recordKey } from '@plumbline/contracts';
import {
  checkCellHours,
  checkPredictionHours,
  deleteCells,
  type HourMark,
  listDirtyHours,
  markAllHours,
  markHoursClean,
  markHoursDirty,
  readPredictionHours,
  rebuildPerformanceCells,
  rollUpHours,
  type Store,
} from '@plumbline/storage';
import type { KnownModel, ModelRegistry } from './model-registry.js';
import { noProgress, type Progress } from './progress.js';
import { SecondLooks } from './second-looks.js';
import { writeCells } from './write-cells.js';

export interface ReconcileResult {
  readonly checkedHours: number;
  readonly rebuiltHours: number;
}

/** Hours handled per statement: bounds the size of parameters and of a join. */
const HOURS_PER_STEP = 24 * 31;

/**
 * Makes a model's cells equal to its distinct raw rows again for every dirty hour. Runs in the process that owns the model,
 * in order with its ingest, so nothing is added to the hours meanwhile.
 *
 * An hour is compared by the number of its predictions and the sum of their id hashes, and rebuilt when they differ or its
 * bins changed. Interrupted anywhere, the marks remain and the next run repeats the work. What was found right is compared once more
 * some time later (SecondLooks).
 */
export class Reconcile {
  private readonly secondLooks = new SecondLooks();

  constructor(
    private readonly store: Store,
    private readonly registry: ModelRegistry,
  ) {}

  /** @param progress is called between steps: a rebuild of all hours of a model may take many minutes */
  async run(project: string, model: string, nowMs: number, progress: Progress = noProgress): Promise<ReconcileResult> {
    const before = this.registry.positiveClass(project, model);
    const known = await this.registry.reload(project, model, nowMs);
    // Scores were counted for the other class, or for none.
    if (before.known && before.positiveClass !== known.positiveClass)
      await markAllHours(this.store, project, model, 'label', nowMs);
    await this.lookAgain(project, model, nowMs);
    let marks = await listDirtyHours(this.store, project, model);
    const reference = marks.filter((mark) => mark.aspect === 'reference');
    if (reference.length > 0) {
      await markAllHours(this.store, project, model, 'rebuild', nowMs);
      await markHoursClean(this.store, reference, `${project}/${model}:reference:${nowMs}`);
      marks = (await listDirtyHours(this.store, project, model)).filter((mark) => mark.aspect !== 'reference');
    }
    const hours = [...new Set(marks.map((mark) => mark.hourMs))].sort((left, right) => left - right);
    let rebuilt = 0;
    for (let i = 0; i < hours.length; i += HOURS_PER_STEP) {
      const step = new Set(hours.slice(i, i + HOURS_PER_STEP));
      const stepMarks = marks.filter((mark) => step.has(mark.hourMs));
      rebuilt += await this.step(known, stepMarks, nowMs, progress);
      await markHoursClean(this.store, stepMarks, `${project}/${model}:${i}:${nowMs}`);
      this.secondLooks.cleaned(recordKey(project, model), [...step], nowMs);
      await progress();
    }
    return { checkedHours: hours.length, rebuiltHours: rebuilt };
  }

  private async step(
    known: KnownModel,
    marks: readonly HourMark[],
    nowMs: number,
    progress: Progress,
  ): Promise<number> {
    const { project, model } = known;
    const hoursOf = (aspect: HourMark['aspect']): number[] => [
      ...new Set(marks.filter((mark) => mark.aspect === aspect).map((mark) => mark.hourMs)),
    ];
    const stale = new Set(hoursOf('rebuild'));
    const touched = hoursOf('prediction').filter((hourMs) => !stale.has(hourMs));
    for (const hourMs of await this.differing(project, model, touched)) stale.add(hourMs);
    await this.rebuild(known, [...stale], nowMs, progress);
    await rollUpHours(this.store, project, model, [...new Set([...touched, ...stale])], nowMs);
    // A prediction that comes after its label changes the performance of its hour just as a label does.
    const joined = [...new Set(marks.map((mark) => mark.hourMs))];
    await rebuildPerformanceCells(this.store, project, model, joined, known.positiveClass ?? '', nowMs);
    return stale.size;
  }

  /** Marks hours that were found to be right a while ago and are not any more. */
  private async lookAgain(project: string, model: string, nowMs: number): Promise<void> {
    const key = recordKey(project, model);
    const hoursMs = this.secondLooks.due(key, nowMs);
    const differing = await this.differing(project, model, hoursMs);
    const marks = [...differing].map((hourMs): HourMark => ({
      ...{ project, model, hourMs },
      aspect: 'prediction',
      touchedAtMs: nowMs,
    }));
    if (marks.length > 0) await markHoursDirty(this.store, marks, `${key}:second-look:${nowMs}`);
    this.secondLooks.looked(key, hoursMs);
  }

  /** Which of these hours have cells that do not stand for just the raw rows. */
  private async differing(project: string, model: string, hoursMs: readonly number[]): Promise<Set<number>> {
    const raw = await checkPredictionHours(this.store, project, model, hoursMs);
    const cells = await checkCellHours(this.store, project, model, hoursMs);
    const differing = new Set<number>();
    for (const hourMs of hoursMs) {
      const wanted = raw.get(hourMs) ?? { n: 0, idHashSum: 0 };
      for (const table of [cells.traffic, cells.features]) {
        const found = table.get(hourMs) ?? { n: 0, idHashSum: 0 };
        if (wanted.n !== found.n || wanted.idHashSum !== found.idHashSum) differing.add(hourMs);
      }
    }
    return differing;
  }

  private async rebuild(
    known: KnownModel,
    hoursMs: readonly number[],
    nowMs: number,
    progress: Progress,
  ): Promise<void> {
    const { project, model } = known;
    await deleteCells(this.store, project, model, hoursMs);
    let page = 0;
    for await (const columns of readPredictionHours(this.store, project, model, hoursMs)) {
      // Traffic vouches for an hour's cells, so a crash between two pages of one hour must not look like a whole hour: it does
      // not, because the counts of a half-read hour differ from raw.
      const identity = `rebuild:${project}/${model}:${nowMs}:${hoursMs[0]}:${page++}`;
      const counted = columns.map((part) => ({ known, columns: part }));
      await writeCells(this.store, this.registry, counted, identity);
      await progress();
    }
  }
}
