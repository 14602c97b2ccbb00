import { slackText } from './slack-text.js';

it.each([
  ['<!channel> & <@U1|x>', 100, '&lt;!channel&gt; &amp; &lt;@U1|x&gt;'],
  ['&lt;', 100, '&amp;lt;'],
  ['', 100, ' '],
  ['abcdef', 6, 'abcdef'],
  ['abcdefg', 6, 'abcde…'],
  ['a&&&&', 8, 'a&amp;…'],
  ['a\u{1F9EE}b\u{1F9EE}', 4, 'a\u{1F9EE}…'],
])('writes %j within %d as %j', (text, maxLength, expected) => {
  expect(slackText(text, maxLength)).toBe(expected);
});
