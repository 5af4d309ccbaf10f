/** Body of a state change that needs no input: absent or `{}`; any member is refused. */
export class EmptyBody {}
