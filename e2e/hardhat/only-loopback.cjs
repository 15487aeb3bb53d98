// Loaded before all else (node --require): whatever is not on this machine cannot be reached, and an attempt ends the run.
const dns = require('node:dns');
const net = require('node:net');

const isHere = (host) => ['127.0.0.1', '::1', 'localhost', undefined].includes(host);
const refuse = (host) => {
  process.stderr.write(`an attempt to reach ${host}\n`);
  process.exit(97);
};

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [first] = Array.isArray(args[0]) ? args[0] : args;
  const target = typeof first === 'object' ? first : { host: args[1] };
  if (!target.path && !isHere(target.host)) refuse(target.host);
  return connect.apply(this, args);
};
const { lookup } = dns;
dns.lookup = (host, ...rest) => (isHere(host) ? lookup(host, ...rest) : refuse(host));
