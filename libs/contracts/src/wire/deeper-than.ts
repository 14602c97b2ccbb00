/** Whether objects and arrays lie in one another more than `maxDepth` deep. Keeps a list, not a call stack, so depth cannot exhaust it. */
export function deeperThan(value: unknown, maxDepth: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    const containers = level.filter((item) => typeof item === 'object' && item !== null);
    if (containers.length > 0 && depth === maxDepth) return true;
    level = containers.flatMap((item) => Object.values(item) as unknown[]);
  }
  return false;
}
