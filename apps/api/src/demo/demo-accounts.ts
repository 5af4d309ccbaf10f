/** Of demo data only: printed at start and known to everyone. */
export const DEMO_PASSWORD = 'plinth-demo-password';

export const DEMO_ACCOUNTS = [
  { role: 'customer', email: 'customer@example.com', name: 'Carla Customer' },
  { role: 'analyst', email: 'analyst@example.com', name: 'Anselm Analyst' },
  { role: 'admin', email: 'admin@example.com', name: 'Ada Admin' },
] as const;
