import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pointersOf } from '../support/orders.js';
import { TestApp } from '../support/test-app.js';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const PASSWORD = 'correct horse battery';

let app: TestApp;
let count = 0;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

const register = (members: object = {}) => {
  count += 1;
  return app.client.post('/users', {
    body: { name: 'Ada Lovelace', email: `ada-${count}@example.com`, password: PASSWORD, ...members },
  });
};

const signIn = (username: string, password = PASSWORD) =>
  app.client.post('/auth/token', { body: { grant_type: 'password', username, password } });

describe('POST /users', () => {
  it('a registration → 201 with Location and ETag, just as GET then answers', async () => {
    const reply = await register({ email: 'Ada.Lovelace@Example.com', age: 36 });
    expect(reply.status).toBe(201);
    expect(reply.body).toEqual({
      id: expect.stringMatching(UUID_V7),
      name: 'Ada Lovelace',
      email: 'Ada.Lovelace@Example.com',
      age: 36,
      roles: ['customer'],
      disabled: false,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updatedAt: reply.body.createdAt,
      deletedAt: null,
      version: 1,
    });
    expect(reply.headers['location']).toBe(`/api/v1/users/${reply.body.id}`);
    const { token } = await app.factory.admin();
    const read = await app.client.get(`/users/${reply.body.id}`, { as: token });
    expect([read.text, read.headers['etag']]).toEqual([reply.text, reply.headers['etag']]);
  });

  it('afterwards → the user can sign in, with his address in any case', async () => {
    await register({ email: 'Grace@Example.com' });
    const { body } = await signIn('gRACE@eXAMPLE.COM');
    expect((await app.client.get('/users/me', { as: body.access_token })).body.email).toBe('Grace@Example.com');
  });

  it('blanks around name and address → trimmed', async () => {
    const { body } = await register({ name: '\t Ada  King \n', email: ' trimmed@example.com ' });
    expect([body.name, body.email]).toEqual(['Ada  King', 'trimmed@example.com']);
  });

  it('blanks around the password → belong to it', async () => {
    await register({ email: 'blanks@example.com', password: '  open sesame  ' });
    const replies = [
      await signIn('blanks@example.com', '  open sesame  '),
      await signIn('blanks@example.com', 'open sesame'),
    ];
    expect(replies.map(({ status }) => status)).toEqual([200, 400]);
  });

  it.each([
    ['no age', {}, null],
    ['null', { age: null }, null],
    ['the lowest', { age: 0 }, 0],
    ['the highest', { age: 150 }, 150],
  ])('an age that is %s → taken', async (_situation, members, age) => {
    expect((await register(members)).body.age).toBe(age);
  });

  it.each([
    ['a name of 100 characters', { name: 'x'.repeat(100) }],
    ['a name of 100 code points of two units', { name: '😀'.repeat(100) }],
    ['a name with signs of SQL and HTML', { name: `Robert'); DROP TABLE users;-- <b>&"\\` }],
    ['a name in another script', { name: '李小龍' }],
    ['a password of 8 characters', { password: 'zq8!rVx2' }],
    ['a password of 128 code points', { password: '😀ab'.repeat(42) + 'zz' }],
  ])('%s → taken as it is', async (_situation, members) => {
    const { status, body } = await register(members);
    expect([status, body]).toEqual([201, expect.objectContaining('name' in members ? members : {})]);
  });
});

describe('POST /users with refused input → 422 that points at it', () => {
  it.each([
    ['no name', { name: undefined }, ['/name']],
    ['a blank name', { name: '  ' }, ['/name']],
    ['a name too long', { name: 'x'.repeat(101) }, ['/name']],
    ['a name of 101 code points', { name: '😀'.repeat(101) }, ['/name']],
    ['NUL in the name', { name: 'A\0da' }, ['/name']],
    ['half a pair in the name', { name: 'Ada\ud83d' }, ['/name']],
    ['null for the name', { name: null }, ['/name']],
    ['a number for the name', { name: 1 }, ['/name']],
    ['no address', { email: undefined }, ['/email']],
    ['no address at all in it', { email: 'ada' }, ['/email']],
    ['an address beyond ASCII', { email: 'jürgen@example.com' }, ['/email']],
    [
      'an address of 255 characters',
      { email: `${'a'.repeat(64)}@${`${'b'.repeat(60)}.`.repeat(3)}${'c'.repeat(3)}.com` },
      ['/email'],
    ],
    ['no password', { password: undefined }, ['/password']],
    ['a password of 7 characters', { password: 'zq8!rVx' }, ['/password']],
    ['a password of 4 code points, though of 8 units', { password: '😀🎉🚀🦊' }, ['/password']],
    ['a password of 129 characters', { password: 'zq8!'.repeat(32) + 'x' }, ['/password']],
    ['a password of blanks', { password: ' '.repeat(10) }, ['/password']],
    ['NUL in the password', { password: 'correct\0horse' }, ['/password']],
    ['a common password', { password: 'password1' }, ['/password']],
    ['a common password in capitals', { password: 'PASSWORD1' }, ['/password']],
    ['the name as password', { name: 'Ada Lovelace', password: 'Ada Lovelace' }, ['/password']],
    ['the name in another case as password', { password: 'aDA lOVELACE' }, ['/password']],
    ['the address as password', { email: 'same@example.com', password: 'SAME@example.com' }, ['/password']],
    ['an age below', { age: -1 }, ['/age']],
    ['an age above', { age: 151 }, ['/age']],
    ['half a year', { age: 36.5 }, ['/age']],
    ['an age as text', { age: '36' }, ['/age']],
    ['roles', { roles: ['admin'] }, ['/roles']],
    ['an id, and a state', { id: '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11', disabled: false }, ['/id', '/disabled']],
  ])('%s', async (_situation, members, pointers) => {
    const before = await app.dataSource.query('SELECT count(*) FROM users');
    const reply = await register(members);
    expect([reply.status, reply.body.code, pointersOf(reply)]).toEqual([422, 'request.invalid', pointers]);
    expect(await app.dataSource.query('SELECT count(*) FROM users')).toEqual(before);
  });

  it('a refused password → is not in the answer', async () => {
    const replies = [await register({ password: 'password1' }), await register({ password: 'zq8!rVx' })];
    for (const { text } of replies) expect(text).not.toMatch(/password1|zq8!rVx/);
  });
});

describe('POST /users with an address that is taken → 409', () => {
  it.each([
    ['to the letter', 'taken@example.com'],
    ['in capitals', 'TAKEN@EXAMPLE.COM'],
    ['with blanks around', ' Taken@example.com '],
  ])('%s', async (_situation, email) => {
    await register({ email: 'taken@example.com' });
    const reply = await register({ email });
    expect([reply.status, reply.body.code]).toEqual([409, 'user.email_taken']);
  });

  it('of a disabled user → taken too', async () => {
    const { email } = await app.factory.aUser({ disabled: true });
    expect((await register({ email })).status).toBe(409);
  });

  it('of a deleted user → free', async () => {
    const { email } = await app.factory.aUser({ deletedAt: new Date() });
    expect((await register({ email })).status).toBe(201);
  });

  it('20 at the same moment, in different cases → exactly one 201', async () => {
    const emails = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? 'race@example.com' : 'RACE@example.com'));
    const replies = await Promise.all(emails.map((email) => register({ email })));
    const outcomes = Map.groupBy(replies, ({ status, body }) => body.code ?? status);
    expect([...outcomes].map(([outcome, those]) => [outcome, those.length]).toSorted()).toEqual([
      [201, 1],
      ['user.email_taken', 19],
    ]);
  });
});
