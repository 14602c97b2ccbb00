import { storageError } from './storage-error.js';

describe('storageError', () => {
  it.each([
    ['TIMEOUT_EXCEEDED', '159', 'unavailable', true],
    ['CANNOT_WRITE_TO_FILE_DESCRIPTOR, the disk is full', '75', 'unavailable', true],
    ['NOT_ENOUGH_SPACE', '243', 'unavailable', true],
    ['CANNOT_SCHEDULE_TASK', '439', 'unavailable', true],
    ['QUERY_WAS_CANCELLED', '394', 'unavailable', true],
    ['SERVER_OVERLOADED', '745', 'unavailable', true],
    ['QUOTA_EXCEEDED', '201', 'unavailable', true],
    ['SETTING_CONSTRAINT_VIOLATION', '452', 'unavailable', true],
    ['INCORRECT_DATA', '117', 'rejected', false],
    ['a socket that was reset', 'ECONNRESET', 'unavailable', true],
    ['an error without a code', undefined, 'unavailable', true],
  ])('%s', (name, code, reason, retryable) => {
    const error = storageError('insert prediction', Object.assign(new Error(name), { code }));
    expect(error).toMatchObject({ reason, retryable, message: `insert prediction: ${name}` });
  });
});
