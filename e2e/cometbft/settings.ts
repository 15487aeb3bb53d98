/** A snapshot often, so that a short chain has some. */
export const SNAPSHOT_EVERY_BLOCKS = 5;
