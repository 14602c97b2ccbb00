import { STYLESHEET } from './stylesheet.js';

type Colours = ReadonlyMap<string, string>;

/** The colours of the scheme that is declared first or second. */
function coloursOf(scheme: 'light' | 'dark'): Colours {
  const [light = '', dark = ''] = [...STYLESHEET.matchAll(/:root \{([^}]*)\}/g)].map(([, text]) => text!);
  const text = scheme === 'light' ? light : dark;
  return new Map([...text.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name!, value!]));
}

/** Relative luminance by WCAG 2.2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

describe.each(['light', 'dark'] as const)('the %s scheme', (scheme) => {
  const colours = coloursOf(scheme);
  const colour = (name: string): string => {
    const found = colours.get(name);
    if (found === undefined) throw new Error(`there is no --${name}`);
    return found;
  };

  it.each(['ink', 'ink-2', 'ink-3', 'accent', 'ok', 'warning', 'critical', 'info', 'neutral'])(
    'writes %s readably (AA, 4.5) on every surface',
    (ink) => {
      for (const surface of ['canvas', 'surface', 'surface-2']) {
        expect(contrast(colour(ink), colour(surface))).toBeGreaterThanOrEqual(4.5);
      }
    },
  );

  it.each(['ok', 'warning', 'critical', 'info', 'neutral'])('writes %s readably on its own ground', (tone) => {
    expect(contrast(colour(tone), colour(`${tone}-soft`))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour('ink'), colour(`${tone}-soft`))).toBeGreaterThanOrEqual(4.5);
  });

  it('writes on a filled button readably, and draws borders of fields and lines of charts so that they are seen (3)', () => {
    expect(contrast(colour('surface'), colour('accent'))).toBeGreaterThanOrEqual(4.5);
    for (const line of ['line-strong', 'series-1', 'series-2', 'series-3', 'series-4', 'series-5', 'series-6']) {
      expect(contrast(colour(line), colour('surface'))).toBeGreaterThanOrEqual(3);
    }
  });
});

describe('the style sheet', () => {
  it('loads nothing', () => {
    expect(STYLESHEET).not.toMatch(/url\(|@import|https?:/);
  });

  it('prints light, without what only a screen needs', () => {
    const print = STYLESHEET.slice(STYLESHEET.indexOf('@media print'));
    expect(print).toContain('color-scheme: light');
    expect(print).toContain('.top, .foot');
  });
});
