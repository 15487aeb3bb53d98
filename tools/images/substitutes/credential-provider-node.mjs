// Keys of S3 are given (LUCID_S3_ACCESS_KEY, LUCID_S3_SECRET_KEY); Amazon's other ways to find some are never asked.
export const defaultProvider = () => async () => {
  throw new RangeError('keys of S3 are given as LUCID_S3_ACCESS_KEY and LUCID_S3_SECRET_KEY');
};
