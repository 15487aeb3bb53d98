/**
 * Replies of Tor's control port (control-spec.txt section 2.3), out of bytes as they come:
 *
 *     250-key=value CRLF          a line, and more follow
 *     250+key= CRLF … . CRLF      a line with data: lines up to a lone dot, a dot in front of one doubled
 *     250 OK CRLF                 the last line
 *
 * Every line of a reply has its status; 650 are events. Text is taken byte by byte (latin1): Tor escapes what is not ASCII.
 * What is too long is an error, so that whoever answers at that port cannot fill this process's memory.
 */
import { TorControlError } from './control-error.ts';

export interface ReplyLine {
  readonly text: string;
  readonly data?: string;
}

export interface Reply {
  readonly status: number;
  readonly lines: readonly ReplyLine[];
}

export interface ReplyLimits {
  readonly maxLineBytes: number;
  readonly maxReplyBytes: number;
}

const LF = 0x0a;
const CR = 0x0d;

interface OpenLine {
  readonly text: string;
  readonly data: string[];
}

export class ReplyParser {
  readonly #limits: ReplyLimits;
  /** The beginning of a line whose end is not here yet. */
  #parts: Uint8Array[] = [];
  #partBytes = 0;
  #status = 0;
  #lines: ReplyLine[] = [];
  #replyBytes = 0;
  #open: OpenLine | undefined;

  constructor(limits: ReplyLimits = { maxLineBytes: 64 * 1024, maxReplyBytes: 4 * 1024 * 1024 }) {
    this.#limits = limits;
  }

  /** Replies that are whole with these bytes. @throws TorControlError protocol; nothing can be parsed any more then */
  push(bytes: Uint8Array): Reply[] {
    const replies: Reply[] = [];
    let from = 0;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, from)) {
      const reply = this.#line(this.#wholeLine(bytes.subarray(from, end + 1)));
      if (reply) replies.push(reply);
      from = end + 1;
    }
    if (from < bytes.length) this.#hold(bytes.slice(from));
    return replies;
  }

  #hold(part: Uint8Array): void {
    this.#partBytes += part.length;
    if (this.#partBytes > this.#limits.maxLineBytes) throw new TorControlError('protocol');
    this.#parts.push(part);
  }

  #wholeLine(last: Uint8Array): string {
    this.#hold(last);
    const line = Buffer.concat(this.#parts, this.#partBytes);
    this.#parts = [];
    this.#partBytes = 0;
    this.#replyBytes += line.length;
    if (line.at(-2) !== CR || this.#replyBytes > this.#limits.maxReplyBytes)
      throw new TorControlError('protocol');
    return line.toString('latin1', 0, line.length - 2);
  }

  #line(line: string): Reply | undefined {
    if (this.#open) return this.#dataLine(this.#open, line);
    const [, status, kind, text = ''] = /^([1-6]\d\d)([ +-])(.*)$/s.exec(line) ?? [];
    if (status === undefined || (this.#lines.length > 0 && Number(status) !== this.#status))
      throw new TorControlError('protocol');
    this.#status = Number(status);
    if (kind === '+') {
      this.#open = { text, data: [] };
      return undefined;
    }
    this.#lines.push({ text });
    return kind === ' ' ? this.#whole() : undefined;
  }

  #dataLine({ text, data }: OpenLine, line: string): undefined {
    if (line !== '.') {
      data.push(line.startsWith('.') ? line.slice(1) : line);
      return;
    }
    this.#lines.push({ text, data: data.join('\n') });
    this.#open = undefined;
  }

  #whole(): Reply {
    const reply = { status: this.#status, lines: this.#lines };
    this.#lines = [];
    this.#replyBytes = 0;
    return reply;
  }
}
