import { describe, expect, it } from '@jest/globals';
import { RequestInvalidError } from '@app/problem';
import { PasswordPolicy } from './password-policy.js';

const policy = new PasswordPolicy();
const context = { pointer: '/newPassword', own: ['Zoë Müller', 'Zoe@Example.com'] };

describe('PasswordPolicy', () => {
  it.each([
    ['one of the most used', 'password1'],
    ['one of the most used, in other case', 'QwertyUiop'],
    ['the name', 'zoë müller'],
    ['the name in another Unicode form', 'Zoë Müller'.normalize('NFD')],
    ['the email address', 'zoe@example.COM'],
  ])('%s → refused at its place', async (_situation, password) => {
    const refused: unknown = await policy.assertAcceptable(password, context).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RequestInvalidError);
    expect(refused).toMatchObject({ errors: [{ pointer: '/newPassword', code: 'weak_password' }] });
    expect(JSON.stringify(refused)).not.toContain(password);
  });

  it.each([
    ['words', 'correct horse battery'],
    ['letters alone', 'zugspitzbahnhof'],
    ['the name and more', 'Zoë Müller 7'],
    ['a common one and more', 'password1 and more'],
  ])('%s → accepted: there are no rules of composition', async (_situation, password) => {
    await expect(policy.assertAcceptable(password, context)).resolves.toBeUndefined();
  });
});
