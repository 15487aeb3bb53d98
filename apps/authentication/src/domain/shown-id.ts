/** 128 random bits, base64url. Never with a `-` first: people hand it to commands, which would take it for an option. */
export function newShownId(random: (sizeBytes: number) => Uint8Array): string {
  for (;;) {
    const id = Buffer.from(random(16)).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}
