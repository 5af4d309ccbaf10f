export { DEMO_ACCOUNTS, DEMO_PASSWORD } from './demo-accounts.js';
export { fillWithDemoData } from './fill-with-demo-data.js';
