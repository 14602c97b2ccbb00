import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AlertFinding } from '@plumbline/contracts';
import { distributionSize, distributionSvg, findingName } from '@plumbline/report';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

export interface EmailChart {
  readonly png: Uint8Array;
  /** In pixels of the page; the picture has twice as many, for fine screens. */
  readonly width: number;
  /** What is read where pictures are not shown. */
  readonly alt: string;
}

const SCALE = 2;
const packages = createRequire(import.meta.url);
let renderer: Promise<Uint8Array> | undefined;

/**
 * Draws the distribution of a finding as a picture, because mail programs do not show SVG; undefined when it has none. The font comes
 * with a package, so that it looks the same on a server that has no fonts.
 */
export async function drawEmailChart(finding: AlertFinding): Promise<EmailChart | undefined> {
  if (finding.distribution === undefined) return undefined;
  const font = await startRenderer();
  const name = findingName(finding);
  const resvg = new Resvg(distributionSvg(finding.distribution, name), {
    fitTo: { mode: 'zoom', value: SCALE },
    font: { fontBuffers: [font], loadSystemFonts: false, defaultFontFamily: 'DejaVu Sans' },
  });
  try {
    const image = resvg.render();
    try {
      const { width } = distributionSize(finding.distribution);
      return { png: image.asPng(), width, alt: `${name}: reference and this window` };
    } finally {
      // Memory of WebAssembly is not collected.
      image.free();
    }
  } finally {
    resvg.free();
  }
}

/** Loads the renderer once for the process, and returns its font. A failure is tried again with the next chart. */
function startRenderer(): Promise<Uint8Array> {
  renderer ??= load().catch((error: unknown) => {
    renderer = undefined;
    throw error;
  });
  return renderer;
}

async function load(): Promise<Uint8Array> {
  const [wasm, font] = await Promise.all([
    readFile(packages.resolve('@resvg/resvg-wasm/index_bg.wasm')),
    readFile(packages.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')),
  ]);
  await initWasm(wasm);
  return font;
}
