import { ApiSchema } from '@nestjs/swagger';

@ApiSchema({
  name: 'EmptyBody',
  description: 'A state change that needs no input: absent or `{}`; any member is refused.',
})
export class EmptyBody {}
