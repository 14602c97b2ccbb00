/** Called between steps of work that takes long: whoever waits learns that it goes on, and other work of the thread gets its turn. */
export type Progress = () => Promise<void>;

export const noProgress: Progress = async () => undefined;
