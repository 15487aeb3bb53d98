/** Why the system refused a file, a folder or an address, in words that follow a colon: `open /x: EACCES` is for nobody to read. */
const words: Readonly<Record<string, string>> = {
  EACCES: 'this user may not (permission denied)',
  EPERM: 'this user may not (permission denied)',
  EROFS: 'its file system is read-only',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  EEXIST: 'something of that name is there already',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'its links lead in a circle',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the disk fails to read or write it',
  EBUSY: 'something else is using it',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ENOTFOUND: 'no address is known by this name',
  EAI_AGAIN: 'no address could be found by this name',
  EADDRINUSE: 'another program uses this address',
  EADDRNOTAVAIL: 'it is no address of this machine',
  ECONNREFUSED: 'nothing answers there',
  ECONNRESET: 'the connection was broken off',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS; is it http:// there?',
  EPROTO: 'it does not speak TLS; is it http:// there?',
};

export function plainReason(error: unknown): string {
  const { code, syscall, message, name } = error as NodeJS.ErrnoException;
  const known = typeof code === 'string' ? words[code] : undefined;
  if (known) return known;
  if (syscall !== undefined) return `the system refused it (${String(code)})`;
  return name === 'SyntaxError' ? 'it is not valid JSON' : (message ?? String(error));
}
