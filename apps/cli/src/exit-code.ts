/** What the process answers to the shell; part of the interface, because gates in CI stand on it. */
export const EXIT_OK = 0;
export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;
/** `evaluate --fail-on` found an alert of that severity or worse. */
export const EXIT_ALERT = 3;
/** `cells verify` found cells that differ from the raw rows. */
export const EXIT_CELLS_DIFFER = 4;
/** `plan --fail-on-changes`: the server differs from the files. */
export const EXIT_CHANGES = 5;

export const EXIT_CODES_HELP = `
Exit codes:
  0  done
  1  failure: the server refused or could not be reached, rows were rejected, a check failed
  2  usage: a wrong option, argument or file
  3  evaluate --fail-on: an alert of that severity or worse
  4  cells verify: cells differ from the raw rows
  5  plan --fail-on-changes: the server differs from the files`;
