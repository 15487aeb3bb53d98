// Nothing goes out but through Tor: who may open a connection at all, or ask a name server. Everybody else calls services by the
// typed clients of the service kit, and whatever lies outside by @lucid/tor-egress. Used by tools/check-boundaries.mjs.
import ts from 'typescript';

/** Modules of Node that reach other machines, and what of them does not: it listens, or only computes. */
const MODULES = {
  http: ['createServer', 'IncomingMessage', 'METHODS', 'Server', 'ServerResponse', 'STATUS_CODES'],
  https: ['createServer', 'Server'],
  http2: ['constants', 'createSecureServer', 'createServer', 'Http2ServerRequest', 'Http2ServerResponse'],
  net: ['BlockList', 'createServer', 'isIP', 'isIPv4', 'isIPv6', 'Server', 'SocketAddress'],
  tls: ['createSecureContext', 'createServer', 'rootCertificates', 'Server', 'TLSSocket'],
  dgram: [],
  dns: [],
  'dns/promises': [],
};

/** Packages that open connections, or send others' through a proxy. */
const CLIENTS = [
  ...[
    'undici',
    'axios',
    'got',
    'ky',
    'needle',
    'node-fetch',
    'cross-fetch',
    'superagent',
    'request',
    'ws',
    'eventsource',
  ],
  ...[
    'socks',
    'socks-proxy-agent',
    'fetch-socks',
    'http-proxy-agent',
    'https-proxy-agent',
    'proxy-agent',
    'global-agent',
  ],
];

/** What is there without an import. */
const GLOBALS = ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'];

/** Who may use what of the above, and why. Drivers of stores are not here: check-boundaries.mjs names the one importer of each. */
export const EGRESS_EXEMPTIONS = {
  'tor-egress': {
    uses: ['net', 'undici'],
    why: 'it is the way out: every connection goes to the SOCKS port of Tor',
  },
  'tor-control': { uses: ['net'], why: "Tor's control port, inside the installation" },
  'service-kit': {
    uses: ['http', 'https', 'net', 'undici'],
    why: 'clients, servers and health checks of services of this installation',
  },
  'api-gateway': {
    uses: ['http', 'https', 'undici'],
    why: 'passes requests on to services of this installation',
  },
  'on-system-chain': { uses: ['ws'], why: 'it takes the WebSockets of its clients, and opens none' },
  lucid: {
    uses: ['fetch', 'http', 'https', 'net', 'tls'],
    why: "the operator's command line: asks the host that it is told to and the containers of this machine, and reads what is handed to it on a descriptor",
  },
  'server-tools': {
    uses: ['dns/promises', 'http', 'https', 'net'],
    why: 'diagnostics of this installation, of addresses of its topology only',
  },
};

const bare = (specifier) => specifier.replace(/^node:/, '');

/** What a specifier counts as: a module or package of the lists above, or undefined. */
function counted(specifier) {
  const name = bare(specifier);
  if (name in MODULES) return name;
  return CLIENTS.find((each) => specifier === each || specifier.startsWith(`${each}/`));
}

/** Names that an import or export declaration takes as values; `*` where it takes all. */
function valuesOf(node) {
  if (ts.isExportDeclaration(node)) {
    if (node.isTypeOnly) return [];
    return node.exportClause && ts.isNamedExports(node.exportClause) ? namesOf(node.exportClause) : ['*'];
  }
  const { importClause } = node;
  if (!importClause) return ['*'];
  if (importClause.isTypeOnly) return [];
  const { name, namedBindings } = importClause;
  const named = namedBindings && (ts.isNamedImports(namedBindings) ? namesOf(namedBindings) : ['*']);
  return [...(name ? ['*'] : []), ...(named ?? [])];
}

const namesOf = ({ elements }) =>
  elements.filter((each) => !each.isTypeOnly).map((each) => (each.propertyName ?? each.name).text);

/** Whether a module is taken by a call: `import('…')`, `require('…')`, `process.getBuiltinModule('…')`. */
const takesModule = ({ expression }) =>
  expression.kind === ts.SyntaxKind.ImportKeyword ||
  (ts.isIdentifier(expression) && expression.text === 'require') ||
  (ts.isPropertyAccessExpression(expression) &&
    ['getBuiltinModule', 'require'].includes(expression.name.text));

const GLOBAL_OBJECTS = ['globalThis', 'global', 'window', 'self'];

/** Whether an identifier stands for the global of its name. */
function isGlobal(node, declared) {
  const { parent, text } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node)
    return ts.isIdentifier(parent.expression) && GLOBAL_OBJECTS.includes(parent.expression.text);
  // The name of a member or of a declaration.
  if (parent.name === node || parent.propertyName === node) return ts.isShorthandPropertyAssignment(parent);
  if (ts.isTypeReferenceNode(parent) || ts.isQualifiedName(parent)) return false;
  return !declared.has(text);
}

const declares = (node) =>
  (ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isBindingElement(node) ||
    ts.isImportSpecifier(node) ||
    ts.isImportClause(node)) &&
  node.name &&
  ts.isIdentifier(node.name)
    ? node.name.text
    : undefined;

function walk(node, visit) {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** What a source file uses of the above: `{ uses, shown }`, `shown` as it stands there. */
function usesOf(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const declared = new Set();
  walk(source, (node) => declared.add(declares(node)));
  const found = [];
  walk(source, (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      const uses = counted(node.moduleSpecifier.text);
      const values = uses && valuesOf(node).filter((name) => !MODULES[uses]?.includes(name));
      if (values?.length > 0)
        found.push({ uses, shown: `${values.join(', ')} of ${node.moduleSpecifier.text}` });
    } else if (ts.isCallExpression(node) && takesModule(node)) {
      const [specifier] = node.arguments;
      const uses = specifier && ts.isStringLiteralLike(specifier) ? counted(specifier.text) : undefined;
      if (uses) found.push({ uses, shown: specifier.text });
    } else if (ts.isIdentifier(node) && GLOBALS.includes(node.text) && isGlobal(node, declared))
      found.push({ uses: node.text, shown: `the global ${node.text}` });
  });
  return found;
}

/** Judges files of packages, by their short name; remembers which exemptions are needed. */
export function createEgressRule() {
  const needed = new Set();
  return {
    /** Faults of one file of product code. */
    judge(packageName, path, text) {
      const allowed = EGRESS_EXEMPTIONS[packageName]?.uses ?? [];
      return usesOf(path, text).flatMap(({ uses, shown }) => {
        needed.add(`${packageName} ${uses}`);
        return allowed.includes(uses)
          ? []
          : [
              `must not use ${shown}: services are called by the kit's clients, everything outside by @lucid/tor-egress`,
            ];
      });
    },
    /** Exemptions of packages that exist and do not need them (any more). */
    idle: (packageNames) =>
      Object.entries(EGRESS_EXEMPTIONS)
        .filter(([name]) => packageNames.includes(name))
        .flatMap(([name, { uses }]) => uses.map((each) => `${name} ${each}`))
        .filter((each) => !needed.has(each)),
  };
}
