export interface S3TestServer {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
  /** Objects lie here as files, under BUCKET/KEY. */
  readonly folder: string;
  stop(): Promise<void>;
}

export function whyNoS3(): string | null;
export function buildS3(): string;
export function startS3(): Promise<S3TestServer>;
