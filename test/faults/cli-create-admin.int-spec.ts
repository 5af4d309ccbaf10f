import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiClient } from '../support/api-client.js';
import { Cleanups } from '../support/cleanups.js';
import { cli, type Ended } from '../support/cli.js';
import { KEYS, ServerProcess } from '../support/server-process.js';
import { ThrowAwayPostgres } from '../support/throw-away-postgres.js';
import { pairOf, passwordGrant } from '../support/tokens.js';

const PASSWORD = 'a password of ann';
const OTHER = 'another password of ann';

const forAll = Cleanups.afterAll();
let postgres: ThrowAwayPostgres;
let client: ApiClient;
let variables: Record<string, string>;

beforeAll(async () => {
  postgres = await ThrowAwayPostgres.start();
  forAll.add(() => postgres.remove());
  variables = { DATABASE_URL: postgres.url, JWT_KEYS: KEYS, DEMO_DATA: 'false' };
  const server = ServerProcess.spawn({ variables });
  forAll.add(() => server.kill());
  client = await server.client();
}, 60_000);

const createAdmin = (email: string, { input = '', args = [] as readonly string[] } = {}): Promise<Ended> =>
  cli(['create-admin', '--email', email, ...args], { variables, input });

const signIn = async (email: string, password: string) =>
  pairOf(await client.post('/auth/token', { body: passwordGrant(email, password) })).access;

async function registered(email: string): Promise<string> {
  await client.post('/users', { body: { name: 'Ann', email, password: PASSWORD } });
  return signIn(email, PASSWORD);
}

/** What the log says of the user, oldest first. */
async function historyOf(email: string): Promise<object[]> {
  return postgres.query(
    `SELECT action, actor_id AS actor, request_id LIKE 'cli-%' AS "byCommand" FROM audit_log l JOIN users u ON u.id = l.subject_id
     WHERE email = $1 ORDER BY l.at, l.id`,
    [email],
  );
}

describe('npm run cli -- create-admin', () => {
  it('an address that nobody has → an admin with this password, in the log as done by nobody', async () => {
    const email = 'new@example.com';
    const ended = await createAdmin(email, { input: `${PASSWORD}\n`, args: ['--name', 'Ann Admin'] });
    expect(ended).toEqual({ code: 0, stdout: expect.stringContaining(`${email} is an admin now`), stderr: '' });
    const { body } = await client.get('/users/me', { as: await signIn(email, PASSWORD) });
    expect([body.name, body.roles]).toEqual(['Ann Admin', ['customer', 'admin']]);
    expect(await historyOf(email)).toEqual([
      { action: 'user.created', actor: null, byCommand: true },
      { action: 'user.roles_changed', actor: null, byCommand: true },
    ]);
  });

  it('a customer → an admin with the password that he has; his sessions end on the server that runs', async () => {
    const email = 'known@example.com';
    const as = await registered(email);
    const ended = await createAdmin(email.toUpperCase());
    expect([ended.code, ended.stdout]).toEqual([0, expect.stringContaining('The password is as it was')]);
    expect((await client.get('/users/me', { as })).status).toBe(401);
    const { body } = await client.get('/users/me', { as: await signIn(email, PASSWORD) });
    expect(body.roles).toEqual(['customer', 'admin']);
    const again = await createAdmin(email);
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('admin already')]);
    expect(await historyOf(email)).toMatchObject([{ action: 'user.created' }, { action: 'user.roles_changed' }]);
  });

  it('an admin, --reset-password → another password alone lets him in, and his sessions end', async () => {
    const email = 'forgetful@example.com';
    await createAdmin(email, { input: `${PASSWORD}\n` });
    const as = await signIn(email, PASSWORD);
    const ended = await createAdmin(email, { input: `${OTHER}\n`, args: ['--reset-password'] });
    expect([ended.code, ended.stdout]).toEqual([0, expect.stringContaining('another password')]);
    expect((await client.get('/users/me', { as })).status).toBe(401);
    await expect(signIn(email, PASSWORD)).rejects.toThrow('400');
    expect(await signIn(email, OTHER)).toEqual(expect.any(String));
    expect(await historyOf(email)).toMatchObject([
      { action: 'user.created' },
      { action: 'user.roles_changed' },
      { action: 'credential.password_changed', actor: null, byCommand: true },
    ]);
  });

  it.each([
    ['a common password', 'weak@example.com', 'password123', /most used/],
    ['no password', 'none@example.com', '', /8 to 128/],
    ['no address', 'nobody', PASSWORD, /email address/],
  ])('%s → 1, the reason, and nobody', async (_what, email, password, reason) => {
    const ended = await createAdmin(email, { input: `${password}\n` });
    expect([ended.code, ended.stdout]).toEqual([1, '']);
    expect(ended.stderr).toMatch(reason);
    expect(ended.stderr).not.toMatch(/\n\s+at |password123/);
    expect(await postgres.query('SELECT FROM users WHERE email = $1', [email])).toEqual([]);
  });

  it('a weak password, --reset-password → 1, and the old one stays', async () => {
    const email = 'careful@example.com';
    await registered(email);
    const ended = await createAdmin(email, { input: 'password123\n', args: ['--reset-password'] });
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringMatching(/most used/)]);
    expect(await historyOf(email)).toMatchObject([{ action: 'user.created' }]);
  });

  it('a disabled user → 1, and the reason', async () => {
    const email = 'disabled@example.com';
    await registered(email);
    await postgres.query('UPDATE users SET disabled = true WHERE email = $1', [email]);
    const ended = await createAdmin(email);
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('is disabled')]);
  });

  it('no address → 2, and how it is used; a wrong variable → 1, and its name', async () => {
    const misused = await cli(['create-admin']);
    expect([misused.code, misused.stderr]).toEqual([2, expect.stringContaining('Usage:')]);
    const args = ['create-admin', '--email', 'a@example.com'];
    const wrong = await cli(args, { variables: { ...variables, DATABASE_POOL_MAX: 'many' } });
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining('DATABASE_POOL_MAX')]);
  });
});

describe('npm run cli -- create-admin, without DATABASE_URL', () => {
  it('no server runs → in the embedded database; one that runs → 1, and who has it', async () => {
    const embedded = { DATA_DIR: forAll.aDirectory(), DEMO_DATA: 'false' };
    const args = ['create-admin', '--email', 'ann@example.com'];
    const made = await cli(args, { variables: embedded, input: `${PASSWORD}\n` });
    expect([made.code, made.stderr]).toEqual([0, '']);
    const server = ServerProcess.spawn({ variables: embedded });
    forAll.add(() => server.kill());
    await server.listening();
    const refused = await cli(args, { variables: embedded });
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/another running Plinth \(pid \d+\)/)]);
  });
});
