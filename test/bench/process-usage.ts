import { readFileSync } from 'node:fs';

/** User and system time of a process so far, in seconds; a tick is 10 ms on every Linux that Node runs on. */
export function cpuSecondsOf(pid: number): number {
  return secondsIn(`/proc/${pid}/stat`);
}

/** The same of the process's first thread alone: the one that runs JavaScript. */
export function mainThreadSecondsOf(pid: number): number {
  return secondsIn(`/proc/${pid}/task/${pid}/stat`);
}

function secondsIn(path: string): number {
  const fields = readFileSync(path, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The most memory a process ever had, in bytes. */
export function peakBytesOf(pid: number): number {
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return match === null ? 0 : Number(match[1]) * 1024;
}
