import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { methodIds } from '@plumbline/statistics';
import { promisedDeviations } from './conformance-report.js';
import { checksum, measureConformance, readGolden } from './measure-conformance.js';
import { randomCase, RANDOM_CASES } from './random-cases.js';

describe('conformance of every profile with its independent source', () => {
  const golden = readGolden();
  const document = readFileSync(join(import.meta.dirname, '../../docs/statistics.md'), 'utf8');

  it('speaks of the samples that Python made', () => {
    expect(golden.crc32).toHaveLength(RANDOM_CASES);
    const others = golden.crc32.flatMap((sum, index) => (checksum(randomCase(index)) === sum ? [] : [index]));
    expect(others).toEqual([]);
  });

  it('is what docs/statistics.md promises', () => {
    const promised = promisedDeviations(document);
    const { exact, binned } = measureConformance(golden);
    expect(exact.map(({ name }) => name)).toEqual(expect.arrayContaining([...methodIds]));
    expect([...promised.keys()].sort()).toEqual(exact.map(({ name }) => name).sort());
    for (const { name, absolute, relative, mismatches } of exact) {
      expect({ name, mismatches }).toEqual({ name, mismatches: [] });
      const promise = promised.get(name)!;
      // Another version of the engine may take the last digit of a logarithm otherwise.
      if (!(absolute <= 2 * promise.absolute + 1e-14 && relative <= 2 * promise.relative + 1e-14)) {
        throw new Error(
          `${name}: ${absolute} absolute, ${relative} relative, but the document says ${JSON.stringify(promise)}`,
        );
      }
      expect(promise.relative).toBeLessThanOrEqual(1e-9);
    }
    for (const { id, outside } of binned) expect({ id, outside }).toEqual({ id, outside: [] });
  }, 300_000);
});
