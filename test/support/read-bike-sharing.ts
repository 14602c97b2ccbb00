import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { sharedPath } from './shared-data.js';

export interface BikeSharingRow {
  readonly at: Date;
  readonly values: Readonly<Record<string, number>>;
}

/** Hours of 2011 and 2012, in order of time. */
export function readBikeSharing(): BikeSharingRow[] {
  const [header, ...lines] = fileInZip(sharedPath('data/bike_sharing/bike_sharing_dataset.zip'), 'hour.csv')
    .trim()
    .split(/\r?\n/);
  const names = header!.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    const cell = (name: string): string => cells[names.indexOf(name)]!;
    return {
      at: new Date(`${cell('dteday')}T${cell('hr').padStart(2, '0')}:00:00Z`),
      values: Object.fromEntries(names.filter((name) => name !== 'dteday').map((name) => [name, Number(cell(name))])),
    };
  });
}

/** Text of one deflated file of a zip archive, found by its central directory. Throws when the archive has no such file. */
function fileInZip(path: string, name: string): string {
  const archive = readFileSync(path);
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let entry = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const nameLength = archive.readUInt16LE(entry + 28);
    const sizeBytes = archive.readUInt32LE(entry + 20);
    const local = archive.readUInt32LE(entry + 42);
    if (archive.toString('utf8', entry + 46, entry + 46 + nameLength) === name) {
      const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
      return inflateRawSync(archive.subarray(start, start + sizeBytes)).toString('utf8');
    }
    entry += 46 + nameLength + archive.readUInt16LE(entry + 30) + archive.readUInt16LE(entry + 32);
  }
  throw new Error(`${path} holds no ${name}`);
}
