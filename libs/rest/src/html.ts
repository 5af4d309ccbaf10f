import { HTML_UTF8 } from './representation.js';
import { Text } from './text.js';

/** A page for people. */
export class Html extends Text {
  /** @param text a whole document; what is not its author's own is escaped. */
  constructor(text: string) {
    super(text, HTML_UTF8);
  }
}
