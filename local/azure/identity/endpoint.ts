/**
 * The managed-identity endpoint that App Service and Functions put beside an app.
 * https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
import { keepingConnections } from '../keeping-connections';
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { Identity } from '../access';
import type { TokenIssuer } from './tokens';

const API_VERSION = '2019-08-01';
export const tokenPath = '/msi/token';

interface IdentityEndpointOptions {
  identities: readonly Identity[];
  issuer: TokenIssuer;
  /** The secret that IDENTITY_HEADER holds. */
  header: string;
}

/** The endpoint's server, not yet listening. */
export function createIdentityEndpoint(options: IdentityEndpointOptions): Server {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const answer = tokenAnswer(options, url, request.headers['x-identity-header']);
    response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(answer.body));
  });
  return keepingConnections(server);
}

interface TokenAnswer {
  status: number;
  body: object;
}

function tokenAnswer(options: IdentityEndpointOptions, url: URL, header: unknown): TokenAnswer {
  if (url.pathname !== tokenPath) return refusal(404, 'Not found.');
  // assumed: the words; the documentation says only that the header must be there and be right.
  if (header !== options.header) return refusal(401, 'The X-IDENTITY-HEADER is missing or wrong.');
  const version = url.searchParams.get('api-version');
  if (version !== API_VERSION) return refusal(400, `The api-version '${version ?? ''}' is not supported.`);
  const resource = url.searchParams.get('resource');
  if (!resource) return refusal(400, "The parameter 'resource' is missing.");
  const clientId = url.searchParams.get('client_id');
  // No system-assigned identity: MicrosoftDocs/azure-docs issues quote this answer for an app that has none.
  if (!clientId) return refusal(400, 'Unable to load the proper Managed Identity.');
  const identity = options.identities.find((known) => known.clientId === clientId.toLowerCase());
  if (!identity) {
    // Azure-Samples/azure-search-openai-demo#2148
    return refusal(
      400,
      'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.',
    );
  }
  const { token, expiresOn } = options.issuer.issue(identity, resource);
  const body = {
    access_token: token,
    expires_on: String(expiresOn),
    resource,
    token_type: 'Bearer',
    client_id: identity.clientId,
  };
  return { status: 200, body };
}

function refusal(status: number, message: string): TokenAnswer {
  return { status, body: { statusCode: status, message, correlationId: randomUUID() } };
}
