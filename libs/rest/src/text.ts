/** Text of a type of its own that is sent as it is; everything else that a controller returns becomes JSON. */
export class Text {
  /** @param type `Content-Type`, with its charset. */
  constructor(
    readonly text: string,
    readonly type: string,
  ) {}
}
