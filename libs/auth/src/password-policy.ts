import { Injectable } from '@nestjs/common';
import { RequestInvalidError } from '@app/problem';

/**
 * Which passwords are too easy to guess, beyond their length: those on a list of some 49,000 that people use most
 * (NIST SP 800-63B §5.1.1.2), and what everyone knows of their owner. No rules of composition.
 */
@Injectable()
export class PasswordPolicy {
  private common: Promise<ReadonlySet<string>> | undefined;

  /**
   * @param context where the password stands in the body, and what it must not equal: name and email of its owner.
   * @throws RequestInvalidError 422
   */
  async assertAcceptable(
    password: string,
    context: { readonly pointer: string; readonly own: readonly string[] },
  ): Promise<void> {
    const folded = fold(password);
    if (context.own.some((text) => fold(text) === folded))
      throw refuse(context.pointer, 'The password equals the name or the email address.');
    this.common ??= loadCommon();
    if ((await this.common).has(folded)) throw refuse(context.pointer, 'This password is one of the most used ones.');
  }
}

/** Loaded at the first password and not at start: 1 MB that many processes never need. */
async function loadCommon(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common']);
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

function refuse(pointer: string, detail: string): RequestInvalidError {
  return new RequestInvalidError([{ pointer, code: 'weak_password', detail }]);
}
