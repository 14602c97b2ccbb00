import { ok, fail, type Finding } from './finding.js';

const OLDEST: readonly [major: number, minor: number] = [20, 19];

/** Judges a version of Node such as "20.19.1". */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  return enough
    ? ok('node', version)
    : fail('node', `${version} is too old`, `install Node ${OLDEST.join('.')} or newer`);
}
