import { existsSync } from 'node:fs';

/** A path, or an id? What exists or looks like a path is one. */
export const isFileTarget = (text: string): boolean =>
  text.includes('/') || /\.(lucid|part)$/.test(text) || existsSync(text);
