export interface TestServer {
  readonly url: string;
  stop(): Promise<void>;
}

export function whyNoMongoWire(): string | null;
export function whyNoRedis(): string | null;
export function buildMongoWire(): string;
export function startMongoWire(): Promise<TestServer>;
export function startRedis(options?: {
  readonly port?: number;
}): Promise<TestServer & { readonly port: number }>;
