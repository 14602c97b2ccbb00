import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UploadFolder } from './upload-folder.js';

it('removes at a start what was left long ago, and leaves what another process may be reading', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'plumbline-uploads-'));
  try {
    const folder = join(dataDir, 'uploads');
    const nowMs = Date.UTC(2026, 0, 8);
    await mkdir(folder);
    for (const [name, ageMs] of [
      ['left.csv', 25 * 3_600_000],
      ['read.csv', 3_600_000],
    ] as const) {
      await writeFile(join(folder, name), 'x');
      await utimes(join(folder, name), (nowMs - ageMs) / 1000, (nowMs - ageMs) / 1000);
    }
    await new UploadFolder(dataDir, 1).clear(nowMs);
    expect(await readdir(folder)).toEqual(['read.csv']);
    await new UploadFolder(join(dataDir, 'new'), 1).clear(nowMs);
    expect(await readdir(join(dataDir, 'new', 'uploads'))).toEqual([]);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});
