// In place of Fastify's compilers of schemas (ajv, fast-json-stringify; 280 KB), which it loads always: no route of ours has a schema of its
// kind, the service kit judges by TypeBox.
module.exports = () => () => {
  throw new Error('routes have no schema of Fastify here; declare it in the contract');
};
