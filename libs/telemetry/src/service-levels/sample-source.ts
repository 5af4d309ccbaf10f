import type { Sample } from './sample.js';

/** Where samples come from: this process, or several that answer on one port. */
export abstract class SampleSource {
  abstract take(): Promise<Sample>;
}
