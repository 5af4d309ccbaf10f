import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { openDatabase } from '@app/database';
import { configureLogging, newRequestContext, NestLogger, runInContext } from '@app/logging';
import { AppError } from '@app/problem';
import { randomUUID } from 'node:crypto';
import { type AppConfig, parseConfig } from './app.config.js';
import { readEnvironment } from './app.environment.js';
import { AppModule } from './app.module.js';
import { developmentKeys } from './app.secrets.js';
import type { AdminRequest } from './cli/index.js';
import { AdminsService, UserCredentialsService } from './users/index.js';

/**
 * Against the database of the environment, with the application but without its server: instances that run hear of it.
 *
 * @returns what was done, for the person at the terminal.
 * @throws Error with what the person can mend.
 */
export async function createAdmin(request: AdminRequest): Promise<string> {
  const config = parseConfig(readEnvironment());
  await configureLogging({ level: 'error', format: 'json', stream: process.stderr });
  const database = await openDatabase({ url: config.database.url, dataDir: config.dataDir });
  try {
    // The id stands in the audit log, which has no user to name.
    const context = newRequestContext(`cli-${randomUUID()}`);
    return await runInContext(context, () => withApplication(config, database.url, request));
  } catch (error) {
    throw error instanceof AppError ? new Error(reasonOf(error), { cause: error }) : error;
  } finally {
    await database.stop();
  }
}

async function withApplication(config: AppConfig, databaseUrl: string, request: AdminRequest): Promise<string> {
  const keys = config.jwt.keys ?? developmentKeys(config.dataDir);
  const module = AppModule.forRoot({ ...config, jobs: false }, { databaseUrl, keys });
  const app = await NestFactory.createApplicationContext(module, { logger: new NestLogger(), abortOnError: false });
  try {
    return await carryOut(request, {
      admins: app.get(AdminsService, { strict: false }),
      credentials: app.get(UserCredentialsService, { strict: false }),
    });
  } finally {
    await app.close();
  }
}

async function carryOut(
  { email, name, resetPassword, readPassword }: AdminRequest,
  { admins, credentials }: { admins: AdminsService; credentials: UserCredentialsService },
): Promise<string> {
  const user = await credentials.findByEmail(email.trim());
  if (!user) {
    const admin = await admins.create(name, email, await readPassword());
    return `${admin.email} is an admin now, with an account that was just made.`;
  }
  if (user.disabled) throw new Error(`${user.email} is disabled: another admin has to enable this account first.`);
  if (resetPassword) {
    await admins.appoint(user, await readPassword());
    return `${user.email} is an admin, and has another password.`;
  }
  if (user.roles.includes('admin')) return `${user.email} is an admin already. Nothing was changed.`;
  await admins.appoint(user);
  return `${user.email} is an admin now. The password is as it was.`;
}

function reasonOf({ message, errors = [] }: AppError): string {
  return errors.length === 0 ? message : errors.map(({ detail }) => detail).join('\n');
}
