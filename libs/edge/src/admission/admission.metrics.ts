import { Counter, Gauge } from 'prom-client';

export const shed = new Counter({
  name: 'plinth_requests_shed_total',
  help: 'Requests that were refused with 503 because there was too much to do, by what there was too much of.',
  labelNames: ['reason'],
});

/** Whose figures are shown: those of the process's one server. */
export const watched: { admission?: { readonly limit: number; readonly running: number } } = {};

export const admissionGauges = [
  new Gauge({
    name: 'plinth_admission_limit',
    help: 'Requests that may be under way at once.',
    collect() {
      this.set(watched.admission?.limit ?? 0);
    },
  }),
  new Gauge({
    name: 'plinth_admission_running',
    help: 'Requests that are under way.',
    collect() {
      this.set(watched.admission?.running ?? 0);
    },
  }),
];
