import { writeSync } from 'node:fs';

const NEWLINE = 0x0a;

export interface Echo {
  /** Begins a new line where the last one is not ended: what follows is not the program's. */
  endLine(): void;
  /** Shows bytes that the caller overwrites after the call. */
  write(bytes: Uint8Array): void;
}

interface Flow {
  pause(): void;
  resume(): void;
}

/**
 * Shows a recorded terminal's output on ours. Bytes go straight to the descriptor; only what a slow reader leaves over takes the
 * stream, which copies it, and the recorded program waits meanwhile. A reader that has gone ends the echo, not the recording.
 */
export function createEcho(stdout: NodeJS.WriteStream & { readonly fd?: number }, flow: Flow): Echo {
  let queued = 0;
  let gone = false;
  let last = NEWLINE;
  stdout.on('error', () => {
    gone = true;
  });
  const queue = (bytes: Uint8Array) => {
    if (queued++ === 0) flow.pause();
    stdout.write(Uint8Array.from(bytes), () => {
      if (--queued === 0) flow.resume();
    });
  };
  return {
    endLine() {
      if (last !== NEWLINE && !gone) stdout.write('\n');
    },
    write(bytes) {
      if (gone) return;
      last = bytes.at(-1) ?? last;
      if (queued > 0 || typeof stdout.fd !== 'number') return queue(bytes);
      let written = 0;
      try {
        while (written < bytes.length) written += writeSync(stdout.fd, bytes, written);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EAGAIN') queue(bytes.subarray(written));
        else gone = true;
      }
    },
  };
}
