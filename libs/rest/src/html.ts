/** A page for people; everything else that a controller returns becomes JSON. */
export class Html {
  /** @param text a whole document; what is not its author's own is escaped. */
  constructor(readonly text: string) {}
}
