import { migrations } from './migrations.js';

const tables = migrations.flatMap(({ statements }) => statements.filter((sql) => /^\s*CREATE TABLE/i.test(sql)));

describe('migrations', () => {
  it('are numbered without a gap, by names of their own', () => {
    expect(migrations.map(({ id }) => id)).toEqual(migrations.map((_, index) => index + 1));
    expect(new Set(migrations.map(({ name }) => name)).size).toBe(migrations.length);
  });

  it('make tables that can be made again', () => {
    expect(tables.length).toBeGreaterThan(0);
    for (const sql of tables) expect(sql).toMatch(/CREATE TABLE IF NOT EXISTS/);
  });

  it('make no table that forgets rows by age, except what says that a request to reconcile was carried out', () => {
    const forgetful = migrations.flatMap(({ statements }) => statements.filter((sql) => /\bTTL\b/i.test(sql)));
    expect(forgetful.map((sql) => /EXISTS (\w+)/.exec(sql)?.[1])).toEqual(['reconciliation']);
  });

  it('make tables whose merges are as durable as their inserts', () => {
    const synced = migrations.flatMap(({ statements }) =>
      statements.filter((sql) => /\bmin_rows_to_fsync_after_merge = 1\b/.test(sql)),
    );
    const named = (sql: string) => /TABLE (?:IF NOT EXISTS )?(\w+)/.exec(sql)?.[1];
    expect(tables.map(named).filter((table) => !synced.map(named).includes(table))).toEqual([]);
    for (const sql of tables) expect(sql).toMatch(/fsync_after_insert = 1, fsync_part_directory = 1/);
  });

  it('make tables that take an insert once under its token', () => {
    for (const sql of tables) expect(sql).toMatch(/non_replicated_deduplication_window = [1-9]/);
  });
});
