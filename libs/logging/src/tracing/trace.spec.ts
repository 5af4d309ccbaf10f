import { describe, expect, it } from '@jest/globals';
import { readTrace, traceHeaders } from './trace.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const POSITION = { traceId: TRACE, spanId: SPAN };

describe('readTrace', () => {
  it.each([
    [`00-${TRACE}-${SPAN}-01`, { ...POSITION, isSampled: true }],
    [`00-${TRACE}-${SPAN}-00`, { ...POSITION, isSampled: false }],
    [`00-${TRACE}-${SPAN}-03`, { ...POSITION, isSampled: true }],
    [`00-${TRACE}-${SPAN}-02`, { ...POSITION, isSampled: false }],
    [`cc-${TRACE}-${SPAN}-01-what-the-future-is-like`, { ...POSITION, isSampled: true }],
    [`cc-${TRACE}-${SPAN}-01`, { ...POSITION, isSampled: true }],
    [`00-${TRACE}-${SPAN}-01-more`, undefined],
    [`cc-${TRACE}-${SPAN}-01more`, undefined],
    [`ff-${TRACE}-${SPAN}-01`, undefined],
    [`00-${'0'.repeat(32)}-${SPAN}-01`, undefined],
    [`00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
    [`00-${TRACE.toUpperCase()}-${SPAN}-01`, undefined],
    [`00-${TRACE}-${SPAN}`, undefined],
    [`00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`, undefined],
    ['', undefined],
    [undefined, undefined],
    [[`00-${TRACE}-${SPAN}-01`], undefined],
  ])('%s → %j', (traceparent, position) => {
    expect(readTrace(traceparent)).toEqual(position);
  });

  it.each([
    ['shop=1,other=x y', 'shop=1,other=x y'],
    ['', undefined],
    ['a=1\u0000', undefined],
    [`a=${'1'.repeat(511)}`, undefined],
    [undefined, undefined],
  ])('tracestate %j → %j', (tracestate, state) => {
    expect(readTrace(`00-${TRACE}-${SPAN}-01`, tracestate)?.state).toBe(state);
  });

  it('what it has read → is written for the next one as the version that is known here', () => {
    const position = readTrace(`cc-${TRACE}-${SPAN}-03-x`, 'shop=1');
    expect(position && traceHeaders(position)).toEqual({ traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'shop=1' });
  });
});
