// Of undici what services use; its index brings fetch, WebSocket, mocks and caches too, 400 KB that no service calls.
import api from '../../../node_modules/undici/lib/api/index.js';
import buildConnector from '../../../node_modules/undici/lib/core/connect.js';
import Agent from '../../../node_modules/undici/lib/dispatcher/agent.js';
import Dispatcher from '../../../node_modules/undici/lib/dispatcher/dispatcher.js';
import Pool from '../../../node_modules/undici/lib/dispatcher/pool.js';

// As its index does.
Object.assign(Dispatcher.prototype, api);

export { Agent, buildConnector, Dispatcher, Pool };
