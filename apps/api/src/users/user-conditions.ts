import { And, ArrayContains, type FindOptionsWhere, IsNull, LessThan, MoreThanOrEqual, Raw } from 'typeorm';
import type { ListUsersQuery } from './dto/list-users.query.js';
import { emailKeyOf } from './user.js';
import type { User } from './user.entity.js';

/** The filters of a list of users as find conditions; deleted users are on no list. */
export function matching({ email, name, role, createdAfter, createdBefore }: ListUsersQuery): FindOptionsWhere<User> {
  return {
    deletedAt: IsNull(),
    ...(email !== undefined && { emailKey: emailKeyOf(email) }),
    ...(name !== undefined && { name: startsWith(name) }),
    ...(role !== undefined && { roles: ArrayContains([role]) }),
    ...(createdAfter !== undefined && { createdAt: MoreThanOrEqual(createdAfter) }),
    ...(createdBefore !== undefined && { createdAt: LessThan(createdBefore) }),
    ...(createdAfter && createdBefore && { createdAt: And(MoreThanOrEqual(createdAfter), LessThan(createdBefore)) }),
  };
}

/** Lower case by the database on both sides, so that its index on `lower(name)` answers. */
function startsWith(prefix: string) {
  return Raw((column) => `lower(${column}) LIKE lower(:namePrefix)`, {
    namePrefix: `${prefix.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`,
  });
}
