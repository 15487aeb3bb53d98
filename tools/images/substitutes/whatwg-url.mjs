// Node has the URL standard built in; the package that MongoDB's driver asks for is 280 KB of the same.
const { URL, URLSearchParams } = globalThis;

export { URL, URLSearchParams };
