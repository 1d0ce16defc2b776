/**
 * Azure Storage's error answers. Codes and messages: https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
 * and blob-service-error-codes beside it; details of a failed authentication as quoted in public logs.
 */
import { randomUUID } from 'node:crypto';

export interface BlobError {
  status: number;
  code: string;
  message: string;
  /** `AuthenticationErrorDetail`. */
  detail?: string;
  headers?: Record<string, string>;
}

const notAuthenticated =
  'Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.';

function authenticationFailed(detail: string): BlobError {
  return { status: 403, code: 'AuthenticationFailed', message: notAuthenticated, detail };
}

/** Quoted in microsoft/AzureStorageExplorer#3163. */
export function tokenOutsideTime(start: number, expiry: number, now: number): BlobError {
  const shown = (at: number) => new Date(at).toUTCString();
  const times = `Start [${shown(start)}] - Expiry [${shown(expiry)}] - Current [${shown(now)}]`;
  return authenticationFailed(`Signature not valid in the specified time frame: ${times}`);
}

/** A SAS that names a stored access policy which is gone, or not there yet; assumed for a disk's SAS that was taken back. */
export function policyUnknown(): BlobError {
  return authenticationFailed('SAS identifier cannot be found for specified signed identifier');
}

/** Azure goes on with the string that it signed. */
export function signatureMismatch(): BlobError {
  return authenticationFailed('Signature did not match.');
}

/** assumed for a disk: what a storage account answers to a network that it does not let in. */
export function privateNetworkOnly(): BlobError {
  const message = 'This request is not authorized to perform this operation.';
  return { status: 403, code: 'AuthorizationFailure', message };
}

/** assumed for a disk: what a storage account answers to a request without a token. */
export function signInWanted(): BlobError {
  const message =
    'Server failed to authenticate the request. Please refer to the information in the www-authenticate header.';
  return { status: 401, code: 'NoAuthenticationInformation', message, headers: { 'www-authenticate': 'Bearer' } };
}

export function permissionMismatch(): BlobError {
  const message = 'This request is not authorized to perform this operation using this permission.';
  return { status: 403, code: 'AuthorizationPermissionMismatch', message };
}

/** Also for what exists, when it is asked for without any credentials. */
export function resourceNotFound(): BlobError {
  return { status: 404, code: 'ResourceNotFound', message: 'The specified resource does not exist.' };
}

export function invalidRange(size: number): BlobError {
  const message = 'The range specified is invalid for the current size of the resource.';
  return { status: 416, code: 'InvalidRange', message, headers: { 'content-range': `bytes */${size}` } };
}

export function queryNotKnown(): BlobError {
  const message = 'Value for one of the query parameters specified in the request URI is invalid.';
  return { status: 400, code: 'InvalidQueryParameterValue', message };
}

/** An error asked for by whoever tests with the simulation. */
export function plantedError(status: number, code: string | undefined, message: string | undefined): BlobError {
  const words = message ?? 'The server is currently unable to receive requests. Please retry your request.';
  return { status, code: code ?? 'ServerBusy', message: words };
}

/** Headers and XML of an error; a HEAD has no body. */
export function renderError(error: BlobError, requestId: string): { headers: Record<string, string>; body: string } {
  const { code, message, detail } = error;
  const told = `${message}\nRequestId:${requestId}\nTime:${new Date().toISOString().replace('Z', '0000Z')}`;
  const more = detail === undefined ? '' : `<AuthenticationErrorDetail>${detail}</AuthenticationErrorDetail>`;
  // Azure's begins with a byte order mark.
  const body = `\ufeff<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${told}</Message>${more}</Error>`;
  return {
    headers: {
      'content-type': 'application/xml',
      'content-length': String(Buffer.byteLength(body)),
      'x-ms-error-code': code,
      ...error.headers,
    },
    body,
  };
}

/** A request's id, as Azure Storage forms it. */
export function newRequestId(): string {
  return `${randomUUID().slice(0, 28)}00000000`;
}
