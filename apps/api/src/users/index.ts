export { emailKeyOf, ROLES, type Role } from './user.js';
export { User } from './user.entity.js';
export { USER_NOT_FOUND, UserNotFoundError } from './user.errors.js';
export { UserOrders, type UserOrderSummary } from './user-orders.js';
export { UserSessions } from './user-sessions.js';
export { UsersModule } from './users.module.js';
export { UserCredentialsService } from './user-credentials.service.js';
export { UsersService } from './users.service.js';
export { ORDERS, USERS, userTag } from './user-cache.js';
