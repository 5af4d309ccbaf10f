import type { IncomingMessage, Server } from 'node:http';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Admission, createServer, crossOrigin, requireHttps, securityHeaders, trustHosts } from '@app/edge';
import { NestLogger, requestLog } from '@app/logging';
import { answerBrokenRequests } from '@app/problem';
import { limitUrl, RestAdapter } from '@app/rest';
import { requestMetrics } from '@app/telemetry';
import { AddressLimit } from '@app/throttling';
import express, { type Express, type Request } from 'express';
import type { AppConfig } from './app.config.js';
import { API_PREFIX, AppModule, type AppResources } from './app.module.js';
import { DOCS_STYLES, openApiDocument, serveDocs } from './app.openapi.js';
import { keepOthersOut, MetricsServer } from './operations/index.js';
import { HEALTH_PATHS, UNCOUNTED_PATHS } from './uncounted-paths.js';

const MAX_URL_BYTES = 8_192;

const ADMISSION = {
  exempt: UNCOUNTED_PATHS,
  refused: ({ method = '' }: IncomingMessage) => {
    requestMetrics.began();
    requestMetrics.ended({ method, route: undefined, status: 503, headMs: 0 });
  },
};

/** Served at the root, beside the API. */
const AT_ROOT = [
  'health/live',
  'health/ready',
  'health/startup',
  'metrics',
  'problems',
  'problems/:code',
  'problems.css',
  'status',
  'status.css',
  'status.js',
  'status.json',
];

/** The application as it listens, and as the tests call it. */
export async function createApp(config: AppConfig, resources: AppResources): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(config, resources), adapter(config), {
    logger: new NestLogger(),
    bodyParser: false, // the ExchangeInterceptor reads bodies, once the caller is known
    abortOnError: false,
  });
  app.disable('x-powered-by');
  app.disable('etag'); // the Renderer makes strong ones
  app.set('trust proxy', config.trustProxy);
  app.use(requestLog({ serverTiming: config.serverTiming, observer: requestMetrics }));
  app.use(keepOthersOut(app.get(MetricsServer)));
  guardEdge(app, config);
  app.use(limitUrl(MAX_URL_BYTES));
  app.use(app.get(AddressLimit).handle);
  leaveContinueToReader(app.getHttpServer());
  answerBrokenRequests(app.getHttpServer());
  app.setGlobalPrefix(API_PREFIX, { exclude: AT_ROOT });
  if (config.docs) serveDocs(app, openApiDocument(app, config.publicUrl));
  return app;
}

/** What every answer says to browsers, and who is answered at all. */
function guardEdge(app: NestExpressApplication, config: AppConfig): void {
  const { tls, httpsOnly, corsOrigins, trustedHosts } = config;
  const metrics = app.get(MetricsServer);
  const isFromWithin = (request: Request): boolean => HEALTH_PATHS.test(request.path) || metrics.took(request);
  const isHttps = tls !== undefined || httpsOnly;
  app.use(securityHeaders({ apiPrefix: `${API_PREFIX}/`, isHttps, styled: DOCS_STYLES }));
  if (corsOrigins.length > 0) app.enableCors(crossOrigin(corsOrigins));
  if (trustedHosts) app.use(trustHosts(trustedHosts, isFromWithin));
  if (httpsOnly) app.use(requireHttps(isFromWithin));
}

/** Node says 100 Continue to everyone who asks; the BodyReader says it to those whose body is going to be read. */
function leaveContinueToReader(server: Server): void {
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
}

/** The document without the application: its classes are read and none is made, so nothing is opened or reached. */
export async function describeApp(config: AppConfig, resources: AppResources): Promise<OpenAPIObject> {
  const app = await NestFactory.create(AppModule.forRoot(config, resources), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  app.setGlobalPrefix(API_PREFIX, { exclude: AT_ROOT });
  return openApiDocument(app);
}

/** One spelling for each path. The adapter makes Express' router at once, so this cannot be set later. */
function adapter({ tls, shedding }: AppConfig): RestAdapter {
  const server: Express = express();
  server.enable('strict routing');
  server.enable('case sensitive routing');
  return new RestAdapter(server, (listener) => {
    return createServer(shedding ? new Admission(ADMISSION).before(listener) : listener, tls);
  });
}
