import { Counter, Gauge } from 'prom-client';

export const replicaLag = new Gauge({
  name: 'plinth_database_replica_lag_seconds',
  help: 'How long a replica has been missing something, 60 at most; absent while it does not answer.',
  labelNames: ['replica'],
});

export const readsByTarget = new Counter({
  name: 'plinth_database_reads_total',
  help: 'Reads that allow lag, by where they were answered.',
  labelNames: ['target'],
});
