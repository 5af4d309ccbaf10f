import type { NextFunction, Request, Response } from 'express';
import helmet, { type HelmetOptions } from 'helmet';

export interface SecurityHeadersOptions {
  /** Where paths of the API begin; everything else may be a page. */
  readonly apiPrefix: string;
  /** Whether browsers should come back by HTTPS alone. */
  readonly isHttps: boolean;
  /** Pages that need inline styles: where their paths begin, and the CSP sources (hashes) of these styles. */
  readonly styled: { readonly prefix: string; readonly sources: readonly string[] };
}

const YEAR_S = 31_536_000;

/** Files of our own; nothing from elsewhere, nothing inline, and no page is framed. */
const pagePolicy = (styles: readonly string[] = []) => ({
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'", ...styles],
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'form-action': ["'none'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
});

/** Nobody renders an answer of the API; should a browser, it loads and runs nothing. */
const API_POLICY = { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] };

/** Of use to pages alone; each header costs every answer its bytes. */
const NOT_FOR_API = {
  crossOriginEmbedderPolicy: false,
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
} satisfies HelmetOptions;

/** The headers by which browsers guard a site (helmet), as OWASP's cheat sheets for headers and for REST have them. */
export function securityHeaders({ apiPrefix, isHttps, styled }: SecurityHeadersOptions) {
  const withPolicy = (directives: Record<string, string[]>, others: Partial<typeof NOT_FOR_API> = {}) =>
    helmet({
      strictTransportSecurity: isHttps && { maxAge: YEAR_S, includeSubDomains: true },
      xFrameOptions: { action: 'deny' },
      ...others,
      contentSecurityPolicy: { useDefaults: false, directives },
    });
  const api = withPolicy(API_POLICY, NOT_FOR_API);
  const page = withPolicy(pagePolicy());
  const styledPage = withPolicy(pagePolicy(styled.sources));
  return (request: Request, response: Response, next: NextFunction): void => {
    const { path } = request;
    if (path.startsWith(apiPrefix)) api(request, response, next);
    else (path.startsWith(styled.prefix) ? styledPage : page)(request, response, next);
  };
}
