import { Injectable } from '@nestjs/common';
import { Peers } from '../processes/peers.js';
import { ProcessSamples } from './process-samples.js';
import type { Sample } from './sample.js';
import { SampleSource } from './sample-source.js';
import { sumOf } from './sum-of-samples.js';

/** All processes on this port together: whichever of them is asked, it tells of the service. */
@Injectable()
export class AllSamples extends SampleSource {
  constructor(
    private readonly peers: Peers,
    own: ProcessSamples,
  ) {
    super();
    peers.onAsked('sample', () => own.take());
  }

  async take(): Promise<Sample> {
    const samples = await this.peers.ask('sample');
    return sumOf(samples.filter((sample) => isSample(sample)));
  }
}

/** Only processes of this program send any. */
function isSample(value: unknown): value is Sample {
  return typeof value === 'object' && value !== null && 'routes' in value;
}
