const TAG = '{plinth:messages}';

/** Every channel is in one slot, so that one node knows the order of all messages and who hears them. */
export function clusterChannel(channel: string): string {
  return TAG + channel;
}

/** Nobody subscribes to it. */
export const PROOF_CHANNEL = clusterChannel('proof');
