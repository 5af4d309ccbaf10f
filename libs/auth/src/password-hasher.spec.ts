import { describe, expect, it } from '@jest/globals';
import { PasswordHasher } from './password-hasher.js';

const hasher = new PasswordHasher();

describe('PasswordHasher', () => {
  it('hash → argon2id in PHC form with the parameters of OWASP, another salt each time', async () => {
    const [a, b] = [await hasher.hash('a password'), await hasher.hash('a password')];
    expect(a).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(a).not.toBe(b);
  });

  it.each<[string, string, boolean]>([
    ['the password', 'pässword 1', true],
    ['the password in another Unicode form', 'pässword 1'.normalize('NFD'), true],
    ['other case', 'Pässword 1', false],
    ['a blank more', 'pässword 1 ', false],
    ['a NUL more', 'pässword 1\0', false],
    ['nothing', '', false],
  ])('%s → %p is %p', async (_situation, password, matches) => {
    expect(await hasher.verify(password, await hasher.hash('pässword 1'))).toBe(matches);
  });

  it('a hash of the reference implementation, with other parameters → verified by those', async () => {
    // https://github.com/P-H-C/phc-winner-argon2/blob/master/src/test.c
    const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    expect(await hasher.verify('password', reference)).toBe(true);
    expect(await hasher.verify('passwore', reference)).toBe(false);
  });

  it.each(['', 'plain text', '$2b$10$abcdefghijklmnopqrstuv', '$argon2i$v=19$m=16,t=2,p=1$c29tc2FsdA$AAAA'])(
    'a stored text %p that is no argon2id hash → an error that does not repeat it',
    async (stored) => {
      await expect(hasher.verify('a password', stored)).rejects.toThrow(
        new Error('the stored password hash is not argon2id'),
      );
    },
  );

  it('nobody → false, for as much work as for somebody', async () => {
    const hash = await hasher.hash('a password');
    const work = async (stored: string | null): Promise<number> => {
      const before = process.cpuUsage();
      for (let n = 0; n < 6; n += 1) expect(await hasher.verify('another password', stored)).toBe(false);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    await work(hash);
    const ratio = (await work(null)) / (await work(hash));
    expect(ratio).toBeGreaterThan(0.67);
    expect(ratio).toBeLessThan(1.5);
  });
});
