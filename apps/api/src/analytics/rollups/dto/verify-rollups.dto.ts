import { ApiSchema } from '@nestjs/swagger';
import { BooleanField } from '@app/rest';

@ApiSchema({ name: 'VerifyRollups', description: 'What to do about sums that differ from a recount.' })
export class VerifyRollupsDto {
  @BooleanField({ description: 'Mend them; otherwise they are counted alone.', example: false, optional: true })
  readonly mend?: boolean;
}
