import { createHash } from 'node:crypto';
import { STYLESHEET } from '@plumbline/report';
import { CONSOLE_SCRIPT } from './console-script.js';

export interface ConsoleAsset {
  readonly path: string;
  readonly contentType: string;
  readonly content: string;
}

function asset(extension: string, contentType: string, content: string): ConsoleAsset {
  // Another content is another address, so browsers may keep one for ever.
  const hash = createHash('sha256').update(content).digest('base64url').slice(0, 12);
  return { path: `/assets/console.${hash}.${extension}`, contentType, content };
}

export const STYLESHEET_ASSET = asset('css', 'text/css; charset=utf-8', STYLESHEET);
export const SCRIPT_ASSET = asset('js', 'text/javascript; charset=utf-8', CONSOLE_SCRIPT);
