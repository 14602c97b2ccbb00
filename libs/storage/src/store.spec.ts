import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelDeclarationSchema } from '@plumbline/contracts';
import { z } from 'zod';
import { migrate, pendingMigrations } from './migrate.js';
import { NativeBlock } from './native/native-block.js';
import { defineQuery } from './query.js';
import { integer } from './row-types.js';
import { Store } from './store.js';
import { findModel, saveModel } from './tables/model.js';
import { findModelFeatures, saveModelFeatures } from './tables/model-feature.js';

const NOW_MS = Date.UTC(2026, 0, 1);
const count = defineQuery({
  name: 'count predictions',
  sql: 'SELECT count() AS n FROM label',
  params: z.object({}),
  row: z.object({ n: integer }),
});

describe('Store on the embedded engine', () => {
  let dataDir: string;
  let store: Store;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'plumbline-store-'));
    store = await Store.open({ dataDir, database: 'plumbline' });
  });
  afterAll(async () => {
    await store.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('applies migrations once', async () => {
    expect((await migrate(store, NOW_MS)).length).toBeGreaterThan(0);
    expect(await migrate(store, NOW_MS)).toEqual([]);
    expect(await pendingMigrations(store)).toEqual([]);
  });

  it('keeps the newest declaration of a model', async () => {
    const model = { project: 'p', model: 'm', origin: 'declared', updatedBy: 'me' } as const;
    await saveModel(store, { ...model, declaration: modelDeclarationSchema.parse({}), updatedAtMs: NOW_MS });
    await saveModel(store, {
      ...model,
      declaration: modelDeclarationSchema.parse({ task: 'binary' }),
      updatedAtMs: NOW_MS + 1,
    });
    expect((await findModel(store, 'p', 'm'))?.declaration.task).toBe('binary');
    expect(await findModel(store, 'p', "m' OR 1=1 --")).toBeUndefined();
  });

  it('lets a declared kind outrank an inferred one, and the first inference stay', async () => {
    const kinds = async (): Promise<string[]> => (await findModelFeatures(store, 'p', 'm')).map(({ kind }) => kind);
    await saveModelFeatures(store, 'p', 'm', [{ feature: 'é "\'\\', kind: 'numeric', origin: 'inferred' }], NOW_MS);
    await saveModelFeatures(store, 'p', 'm', [{ feature: 'é "\'\\', kind: 'boolean', origin: 'inferred' }], NOW_MS + 5);
    expect(await kinds()).toEqual(['numeric']);
    await saveModelFeatures(store, 'p', 'm', [{ feature: 'é "\'\\', kind: 'categorical', origin: 'declared' }], NOW_MS);
    expect(await kinds()).toEqual(['categorical']);
  });

  it('inserts nothing twice under one token, in both formats', async () => {
    const columns = {
      project: 'String',
      model: 'String',
      prediction_id: 'String',
      timestamp: "DateTime64(3, 'UTC')",
      label: 'String',
      value: 'Float64',
      weight: 'Float64',
      received_at: "DateTime64(3, 'UTC')",
      version: 'UInt64',
    } as const;
    const block = (): NativeBlock<typeof columns> => {
      const made = new NativeBlock(columns);
      made.add({
        project: 'p',
        model: 'm',
        prediction_id: 'ü'.repeat(200),
        timestamp: NOW_MS,
        label: 'x',
        value: NaN,
        weight: 1,
        received_at: NOW_MS,
        version: NOW_MS,
      });
      return made;
    };
    await store.insertBlock('label', block(), 'token-1');
    await store.insertBlock('label', block(), 'token-1');
    expect((await store.query(count, {}))[0]?.n).toBe(1);
    await store.insertBlock('label', block(), 'token-2');
    expect((await store.query(count, {}))[0]?.n).toBe(2);
    const rows = [
      {
        project: 'p',
        model: 'm',
        prediction_id: 'a',
        timestamp: '2026-01-01 00:00:00.000',
        label: '',
        value: null,
        weight: 1,
        received_at: '2026-01-01 00:00:00.000',
        version: 1,
      },
    ];
    await store.insert('label', rows, 'token-3');
    await store.insert('label', rows, 'token-3');
    expect((await store.query(count, {}))[0]?.n).toBe(3);
  });

  it('names the statement and the reason when the engine refuses', async () => {
    await expect(store.insert('label', [{ no_such_column: 1 }], 'token-4')).rejects.toMatchObject({
      name: 'StorageError',
      reason: 'rejected',
      retryable: false,
    });
  });
});
