/** Why nothing is built with Go here, or null. */
export function whyNoGo(): string | null;
