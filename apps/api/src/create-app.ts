import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { NestLogger, requestLog } from '@app/logging';
import type { AppConfig } from './app.config.js';
import { API_PREFIX, AppModule, type AppResources } from './app.module.js';
import { openApiDocument, serveDocs } from './app.openapi.js';

/** Served at the root, beside the API. */
const AT_ROOT = ['health/live', 'health/ready', 'health/startup', 'problems', 'problems/:code'];

/** The application as it listens, and as the tests call it. */
export async function createApp(config: AppConfig, resources: AppResources): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(config, resources), {
    logger: new NestLogger(),
    bodyParser: false, // the BodyInterceptor reads bodies, once the caller is known
    abortOnError: false,
  });
  app.disable('x-powered-by');
  app.disable('etag'); // the RepresentationInterceptor sends strong ones
  app.enable('strict routing');
  app.enable('case sensitive routing');
  app.use(requestLog({ serverTiming: config.serverTiming }));
  app.setGlobalPrefix(API_PREFIX, { exclude: AT_ROOT });
  if (config.docs) serveDocs(app, openApiDocument(app, config.publicUrl));
  return app;
}
