import { Problem } from '../http/problem.js';
import { readImportanceCsv } from './read-importance-csv.js';

describe('readImportanceCsv', () => {
  it.each<[string, string, Record<string, number>]>([
    ['a header', 'feature,importance\nincome,0.4\nage,12\n', { income: 0.4, age: 12 }],
    ['no header', 'income,1e-3\r\nage,0', { income: 0.001, age: 0 }],
    [
      'a byte order mark and quotes',
      '\ufeff"feature","importance"\n"a ""b"", c",1\n"日本","2"',
      { 'a "b", c': 1, 日本: 2 },
    ],
    ['blank lines', '\n\nincome , 3 \n\n', { income: 3 }],
    ['nothing', '', {}],
  ])('reads %s', (_, text, wanted) => {
    expect(readImportanceCsv(text)).toEqual(wanted);
  });

  it.each<[string, string, RegExp]>([
    ['a text for a number', 'feature,importance\nincome,much', /^line 2 is not a feature and a number/],
    ['a third column', 'income,1,2', /^line 1 is not a feature/],
    ['no number', 'income', /^line 1 is not a feature/],
    ['an infinity', 'income,Infinity', /^line 1 is not a feature/],
    ['a feature twice', 'income,1\nincome,2', /^line 2 names "income" for the second time/],
  ])('says which line has %s', (_, text, message) => {
    expect(() => readImportanceCsv(text)).toThrow(Problem);
    expect(() => readImportanceCsv(text)).toThrow(message);
  });
});
