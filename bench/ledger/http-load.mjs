// Load on an HTTP server out of a process of its own: node http-load.mjs '{"url", "method", "headers", "sizeBytes", "connections", "pipelining", "seconds"}'
// Raw sockets, requests built once, answers cut by Content-Length and judged by their status alone: some 10 µs CPU a request, against
// autocannon's 40 to 60, so that it does not take the server's core on a machine with two. Prints one JSON line.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

const options = JSON.parse(process.argv[2]);
const { method = 'GET', headers = {}, sizeBytes = 0, connections, pipelining = 1, seconds } = options;
const url = new URL(options.url);

/** A request with a body of its own: nobody gains from equal entries. */
function buildRequest() {
  const head = [
    `${method} ${url.pathname}${url.search} HTTP/1.1`,
    `host: ${url.host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(sizeBytes > 0 ? [`content-length: ${sizeBytes}`] : []),
    '\r\n',
  ].join('\r\n');
  return Buffer.concat([Buffer.from(head), randomBytes(sizeBytes)]);
}

const latenciesMs = new Float64Array(4_000_000);
let answered = 0;
let failed = 0;
let bytes = 0;
let firstFailure;
let stopping = false;
let open = 0;

/** Where the answer that starts at `from` ends, or -1 where it is not all there. */
function endOfAnswer(data, from) {
  const headEnd = data.indexOf('\r\n\r\n', from, 'latin1');
  if (headEnd < 0) return -1;
  const field = data.indexOf('ontent-', from, 'latin1');
  let at = data.indexOf('-length: ', field, 'latin1');
  if (at < 0 || at > headEnd) at = data.indexOf('-Length: ', field, 'latin1');
  if (at < 0 || at > headEnd)
    throw new Error(`answer without a length: ${data.toString('latin1', from, headEnd)}`);
  let length = 0;
  for (let digit = at + 9; data[digit] !== 13; digit++) length = length * 10 + data[digit] - 48;
  const end = headEnd + 4 + length;
  return end <= data.length ? end : -1;
}

function connectOne(done) {
  const request = buildRequest();
  const sentAtMs = [];
  let rest = null;
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
  const send = (count) => {
    const now = performance.now();
    for (let i = 0; i < count; i++) sentAtMs.push(now);
    socket.write(count === 1 ? request : Buffer.concat(Array(count).fill(request)));
  };
  socket.on('connect', () => send(pipelining));
  socket.on('data', (part) => {
    const data = rest ? Buffer.concat([rest, part]) : part;
    let from = 0;
    let taken = 0;
    const now = performance.now();
    for (let end = endOfAnswer(data, from); end > 0; end = endOfAnswer(data, from)) {
      latenciesMs[answered++] = now - sentAtMs.shift();
      if (data[from + 9] !== 50) {
        failed++;
        firstFailure ??= data.toString('latin1', from, end);
      }
      from = end;
      taken++;
    }
    bytes += from;
    rest = from < data.length ? data.subarray(from) : null;
    if (taken > 0 && !stopping) send(taken);
    if (stopping && sentAtMs.length === 0) socket.end();
  });
  socket.on('error', (error) => {
    firstFailure ??= String(error);
    failed += sentAtMs.length;
  });
  socket.on('close', done);
}

const [cpu, start] = [process.cpuUsage(), performance.now()];
let atStop;
setTimeout(() => {
  stopping = true;
  const used = process.cpuUsage(cpu);
  atStop = { answered, bytes, cpu: used.user + used.system, elapsedMs: performance.now() - start };
}, seconds * 1000);
await new Promise((resolve) => {
  for (let i = 0; i < connections; i++) {
    open++;
    connectOne(() => --open === 0 && resolve());
  }
});

const count = atStop?.answered ?? answered;
const sorted = latenciesMs.slice(0, count).sort();
const quantile = (share) => sorted[Math.min(count - 1, Math.floor(count * share))];
console.log(
  JSON.stringify({
    answers: answered,
    answersPerSecond: Math.round((count / (atStop?.elapsedMs ?? performance.now() - start)) * 1000),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    failed,
    firstFailure,
    bytesPerAnswer: Math.round((atStop?.bytes ?? bytes) / count),
    clientCpuMicroseconds: (atStop?.cpu ?? 0) / count,
  }),
);
