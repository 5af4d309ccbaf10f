import { ApiProperty, ApiSchema } from '@nestjs/swagger';

@ApiSchema({ name: 'Greeting', description: 'Proof that a token works.' })
export class GreetingDto {
  @ApiProperty({ description: 'Hello, and the name of the caller.', example: 'Hello Ada Lovelace' })
  readonly message: string;
}
