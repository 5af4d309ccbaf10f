import { getCallSites } from 'node:util';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { AppLogger } from './app-logger.js';
import { currentContext, newRequestContext, runInContext } from './request-context.js';
import { configureLogging, type LoggingOptions } from './root-logger.js';

let text: string[];

async function listen(level: LoggingOptions['level']): Promise<void> {
  text = [];
  await configureLogging({ level, format: 'json', stream: { write: (line) => void text.push(line) } });
}
beforeEach(() => listen('debug'));

const lines = (): Record<string, unknown>[] => text.map((line): Record<string, unknown> => JSON.parse(line));
const lastLine = (): Record<string, unknown> => lines().at(-1) ?? {};

const IN_SOURCE = { sourceMap: true };

class Speaker {
  readonly log = new AppLogger(Speaker.name);

  /** @returns the line of the call, by Node's own account. */
  speak(message = 'spoken'): number | undefined {
    const [here] = getCallSites(1, IN_SOURCE);
    this.log.info(message);
    return here && here.lineNumber + 1;
  }

  async speakLater(): Promise<void> {
    await Promise.resolve();
    this.log.warn('spoken later');
  }
}

describe('AppLogger', () => {
  it('one call → one line with exactly these members', () => {
    new AppLogger('Orders').info('placed', { order: 'o1' });
    expect(lastLine()).toEqual({
      level: 'info',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      module: 'Orders',
      function: null,
      line: expect.any(Number),
      request_id: null,
      user_id: null,
      order: 'o1',
      message: 'placed',
    });
    expect(text).toHaveLength(1);
  });

  it('a method → its name and the line of the call, each time', () => {
    const speaker = new Speaker();
    const line = speaker.speak();
    speaker.speak();
    expect(lines()).toEqual(Array(2).fill(expect.objectContaining({ module: 'Speaker', function: 'speak', line })));
  });

  it('an async method after an await → still its name', async () => {
    await new Speaker().speakLater();
    expect(lastLine()).toMatchObject({ module: 'Speaker', function: 'speakLater', level: 'warn' });
  });

  it('more messages than places are remembered for → each has its place all the same', () => {
    const speaker = new Speaker();
    for (let n = 0; n < 600; n += 1) speaker.speak(`message ${n}`);
    const line = speaker.speak('one more');
    expect(lastLine()).toMatchObject({ function: 'speak', line, message: 'one more' });
  });

  it('within a request → its id and user', () => {
    runInContext(newRequestContext('r-1'), () => {
      const context = currentContext();
      if (context) context.userId = 'u-1';
      new AppLogger('Orders').info('placed');
    });
    expect(lastLine()).toMatchObject({ request_id: 'r-1', user_id: 'u-1' });
  });

  it('a field of the same name → wins over the context: a sign-in knows its user before the request does', () => {
    runInContext(newRequestContext('r-1'), () => new AppLogger('Tokens').info('signed in', { user_id: 'u-2' }));
    expect(lastLine()).toMatchObject({ request_id: 'r-1', user_id: 'u-2' });
  });

  it('below the level → no line', async () => {
    await listen('warn');
    const log = new AppLogger('Orders');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines().map(({ level }) => level)).toEqual(['warn', 'error']);
  });

  it.each(['password', 'currentPassword', 'newPassword', 'access_token', 'refresh_token', 'token', 'authorization'])(
    'a field named %s, on top or one level down → hidden',
    (name) => {
      new AppLogger('Tokens').info('careless', { [name]: 'hunter2-hunter2', body: { [name]: 'hunter2-hunter2' } });
      expect(text.join('')).not.toContain('hunter2');
      expect(lastLine()).toMatchObject({ [name]: '[redacted]', body: { [name]: '[redacted]' } });
    },
  );
});
