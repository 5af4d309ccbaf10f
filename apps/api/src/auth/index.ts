export { AuthModule } from './auth.module.js';
export { RefreshToken } from './refresh-token.entity.js';
export { Session } from './session.entity.js';
