export {
  ASCIICAST_MEDIA_TYPE,
  AsciicastEncoder,
  type AsciicastHeader,
  type TerminalSize,
} from './asciicast-encoder.ts';
export { AsciicastError, AsciicastReader, type CastEvent, type CastHeader } from './asciicast-reader.ts';
export { openTerminal, type Terminal, type TerminalOptions } from './terminal.ts';
