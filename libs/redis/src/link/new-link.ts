import type { RedisOptions } from '../redis-options.js';
import { ClusterHearing } from './cluster-hearing.js';
import { ClusterLink } from './cluster-link.js';
import type { HearingLink } from './hearing-link.js';
import type { LinkEvents, RedisLink } from './redis-link.js';
import { SingleHearing } from './single-hearing.js';
import { SingleLink } from './single-link.js';

/** Shown in `CLIENT LIST`. */
const [COMMANDS, SUBSCRIBER] = ['plinth-commands', 'plinth-subscriber'];

type Configured = RedisOptions & { readonly url: string };

export function isConfigured(options: RedisOptions): options is Configured {
  return options.url !== undefined;
}

export function newLink({ url, isCluster }: Configured, events: LinkEvents): Promise<RedisLink> {
  return isCluster ? ClusterLink.create(url, COMMANDS, events) : SingleLink.create(url, COMMANDS, events);
}

export async function newHearing({ url, isCluster }: Configured, events: LinkEvents): Promise<HearingLink> {
  return isCluster ? new ClusterHearing(url, SUBSCRIBER, events) : SingleHearing.create(url, SUBSCRIBER, events);
}
