import { columnsToRead, featureColumnsOf, type ImportPlan } from './import-plan.js';

const COLUMNS = ['id', 'at', 'a', 'b', 'y', 'truth'];

it('takes what serves nothing else as features', () => {
  const mapping = { ignore: ['b'], prediction_id: 'id', timestamp: 'at', prediction: 'y', label: 'truth' };
  expect(featureColumnsOf(mapping, COLUMNS, 'f.csv')).toEqual(['a']);
});

it('takes the features it is given', () => {
  expect(featureColumnsOf({ ignore: [], features: ['b'] }, COLUMNS, 'f.csv')).toEqual(['b']);
});

it.each([
  [
    { ignore: [], timestamp: 'when' },
    'f.csv has no column "when" (--timestamp): its columns are id, at, a, b, y, truth',
  ],
  [{ ignore: [], prediction_id: 'key' }, '--prediction-id'],
  [{ ignore: [], features: ['a', 'c'] }, 'f.csv has no column "c" (--features)'],
])('names a column that is not there: %j', (mapping, message) => {
  expect(() => featureColumnsOf(mapping, COLUMNS, 'f.csv')).toThrow(message);
});

it('reads only the columns an import needs', () => {
  const mapping = { ignore: [], prediction_id: 'id', timestamp: 'at', prediction: 'y', label: 'truth' };
  const plan: ImportPlan = { kind: 'labels', model: 'm', version: undefined, answer: 'label', mapping, idPrefix: '' };
  expect(columnsToRead(plan, ['a'])).toEqual(['id', 'at', 'truth']);
  expect(columnsToRead({ ...plan, kind: 'predictions' }, ['a', 'b'])).toEqual(['id', 'at', 'y', 'a', 'b']);
});
