import { defineProblem } from '@app/problem';

export const IMPORT_UNKNOWN_CUSTOMER = defineProblem({
  code: 'import.unknown_customer',
  status: 422,
  title: 'Unknown customer',
  description: 'A row of an import names an email address that no active user has; upper and lower case do not differ.',
});

export const IMPORT_CONFLICT = defineProblem({
  code: 'import.conflict',
  status: 409,
  title: 'Imported with other content',
  description:
    'A row of an import has the `externalId` of an order that was imported before, or stands earlier in the same import, with other content. The first one stays as it is.',
});
