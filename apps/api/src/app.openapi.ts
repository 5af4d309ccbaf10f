import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { completeDocument } from './openapi/complete-document.js';

const DESCRIPTION = `
Users, orders and analytics. Everything a client may rely on:

- Errors are \`application/problem+json\` with a stable \`code\`; \`GET /problems\` explains each.
- Lists are paged by opaque cursors, newest first; \`Prefer: return=total-count\` adds a total.
- Every \`GET\` answers \`HEAD\`; \`X-Request-ID\` is accepted, echoed and logged.
- Reads carry a strong \`ETag\`; changes of users and orders need it back in \`If-Match\`.
- Repeated with the same \`Idempotency-Key\` and body within 24 hours, a POST answers the same and does nothing more.
- Money is a whole number of the currency's minor unit; times are RFC 3339 in UTC.
`;

/** The OpenAPI 3.0 document of the application. @param serverUrl where clients reach it; \`/\` is where it was read. */
export function openApiDocument(app: INestApplication, serverUrl = '/'): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.0.3')
    .setTitle('Plinth')
    .setDescription(DESCRIPTION.trim())
    .setVersion('1.0.0')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer(serverUrl, 'This server')
    .addTag('Auth', 'Sign in, renew, revoke.')
    .addTag('Users', 'Register, read, change.')
    .addTag('Orders', 'Place, pay, ship, refund.')
    .addTag('Analytics', 'Figures for analysts.')
    .addTag('Processing', 'Work in the background.')
    .addTag('Operations', 'What runs, and what errors mean.')
    .addOAuth2(
      {
        type: 'oauth2',
        description: 'Sign in here with email address and password; client id and secret stay empty.',
        flows: { password: { tokenUrl: '/api/v1/auth/token', refreshUrl: '/api/v1/auth/token', scopes: {} } },
      },
      'oauth2',
    )
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access token.' }, 'bearer')
    .build();
  config.info.contact = { name: 'Plinth' };
  const document = SwaggerModule.createDocument(app, config, { operationIdFactory: (_controller, method) => method });
  return completeDocument(document);
}

/**
 * The inline styles of Swagger UI, as sources for a Content-Security-Policy: of the page's head, of its icons (an
 * attribute), of the page's end, and of the script while it runs. It has no inline script.
 */
export const DOCS_STYLES = {
  prefix: '/docs',
  sources: [
    "'unsafe-hashes'", // the hash of the attribute counts
    "'sha256-/jDKvbQ8cdux+c5epDIqkjHbXDaIY8RucT1PmAe8FG4='",
    "'sha256-ezdv1bOGcoOD7FKudKN0Y2Mb763O6qVtM8LT2mtanIU='",
    "'sha256-eaPyLWVdqMc60xuz5bTp2yBRgVpQSoUggte1+40ONPU='",
    "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='",
  ],
};

/** `/docs`, `/openapi.json` and `/openapi.yaml`. */
export function serveDocs(app: INestApplication, document: OpenAPIObject): void {
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    yamlDocumentUrl: 'openapi.yaml',
    customSiteTitle: 'Plinth API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true, tryItOutEnabled: true },
  });
}
