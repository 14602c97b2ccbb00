/** What a client does when the process ends. */
export interface Ending {
  /** Nothing is left to do, and there is still time. */
  beforeExit(): void;
  /** Nothing asynchronous runs any more. */
  exit(): void;
}

/** One pair of listeners for all clients: many of them would have Node warn of a leak. */
const endings = new Set<Ending>();
const beforeExit = (): void => [...endings].forEach((ending) => ending.beforeExit());
const exit = (): void => [...endings].forEach((ending) => ending.exit());

/** Calls the ending when the process ends, until the returned function is called. */
export function atExit(ending: Ending): () => void {
  if (endings.size === 0) process.on('beforeExit', beforeExit).on('exit', exit);
  endings.add(ending);
  return () => {
    endings.delete(ending);
    if (endings.size === 0) process.off('beforeExit', beforeExit).off('exit', exit);
  };
}
