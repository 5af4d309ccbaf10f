export { keepOthersOut } from './metrics-port.middleware.js';
export { MetricsServer } from './metrics-server.js';
export { OperationsModule } from './operations.module.js';
