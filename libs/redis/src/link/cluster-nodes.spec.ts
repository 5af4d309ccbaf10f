import { describe, expect, it } from '@jest/globals';
import { accessOf, neighbourOf, nodeUrls, transportOf } from './cluster-nodes.js';

const URLS = 'rediss://app:p%40ss,word@a.example.com:7000, rediss://b.example.com:7001';

describe('nodes of a cluster', () => {
  it('a list of URLs → each; who we are and how we speak, as the first says', () => {
    expect(nodeUrls(URLS)).toEqual(['rediss://app:p%40ss,word@a.example.com:7000', 'rediss://b.example.com:7001']);
    expect(accessOf(URLS)).toEqual({ username: 'app', password: 'p@ss,word' });
    expect(transportOf(URLS)).toEqual({ tls: true });
  });

  it('a URL without account and TLS → neither', () => {
    expect([accessOf('redis://a:1'), transportOf('redis://a:1')]).toEqual([{}, {}]);
  });

  it.each([
    ['10.0.0.2', 'redis://:secret@10.0.0.2:7001'],
    ['::1', 'redis://:secret@[::1]:7001'],
    ['', 'redis://:secret@a:7001'],
    [null, 'redis://:secret@a:7001'],
  ])('a neighbour at %s → %s', (host, url) => {
    expect(neighbourOf('redis://:secret@a:7000', { host, port: 7_001 })).toBe(url);
  });
});
