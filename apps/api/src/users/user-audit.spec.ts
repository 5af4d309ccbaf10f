import { describe, expect, it } from '@jest/globals';
import { historyOf, type Registered } from './user-audit.js';

const ADA: Registered = {
  id: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a10',
  email: 'ada@example.com',
  roles: ['customer'],
  disabled: false,
  deletedAt: null,
};
const GONE = { deletedAt: new Date(0) };

describe('the history of a user', () => {
  it('nobody before → created, with his roles', () => {
    expect(historyOf(ADA)).toEqual([{ action: 'user.created', subjectId: ADA.id, changes: { roles: ['customer'] } }]);
  });

  it.each<[string, Partial<Registered>, Partial<Registered>, string[]]>([
    ['nothing', {}, {}, []],
    ['other roles', {}, { roles: ['customer', 'admin'] }, ['user.roles_changed']],
    ['disabled', {}, { disabled: true }, ['user.disabled']],
    ['disabled no more', { disabled: true }, {}, ['user.enabled']],
    ['another address', {}, { email: 'Ada@example.com' }, ['credential.email_changed']],
    ['deleted', {}, GONE, ['user.deleted']],
    ['deleted no more', GONE, {}, ['user.restored']],
    ['deleted before and after', GONE, { deletedAt: new Date(1) }, []],
    ['several', {}, { disabled: true, email: 'b@example.com' }, ['user.disabled', 'credential.email_changed']],
  ])('%s → the entries for it, without the address', (_what, before, after, actions) => {
    const entries = historyOf({ ...ADA, ...after }, { ...ADA, ...before });
    expect(entries.map(({ action }) => action)).toEqual(actions);
    expect(JSON.stringify(entries)).not.toContain('example.com');
  });

  it('other roles → those before and those after', () => {
    const [entry] = historyOf({ ...ADA, roles: ['customer', 'analyst'] }, ADA);
    expect(entry?.changes).toEqual({ roles: { from: ['customer'], to: ['customer', 'analyst'] } });
  });
});
