import { RestError, createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { AggregateAuthenticationError, AuthenticationError, CredentialUnavailableError } from '@azure/identity';
import { toArmFailure } from '../../src/azure/errors';

const client =
  "The client '00000000-aaaa-bbbb-cccc-000000000001' with object id '00000000-aaaa-bbbb-cccc-000000000002'";
const snapshots = '/subscriptions/s/resourceGroups/rg-workbench/providers/Microsoft.Compute/snapshots/snap';
const disk = '/subscriptions/s/resourceGroups/rg-app/providers/Microsoft.Compute/disks/vm-1_OsDisk';

// Texts: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-authorization-failed and, for the
// linked form, public logs of snapshots of managed disks.
const authorizationFailed = `${client} does not have authorization to perform action 'Microsoft.Compute/snapshots/write' over scope '${snapshots}' or the scope is invalid. If access was recently granted, please refresh your credentials.`;
const linkedAuthorizationFailed = `${client} has permission to perform action 'Microsoft.Compute/snapshots/write' on scope '${snapshots}'; however, it does not have permission to perform action(s) 'Microsoft.Compute/disks/beginGetAccess/action' on the linked scope(s) '${disk}' (respectively) or the linked scope(s) are invalid.`;

describe('azure/errors', () => {
  it('names the action that no role grants, and its scope', () => {
    expect(toArmFailure(restError(403, 'AuthorizationFailed', authorizationFailed))).toEqual({
      kind: 'forbidden',
      code: 'AuthorizationFailed',
      message: authorizationFailed,
      action: 'Microsoft.Compute/snapshots/write',
      scope: snapshots,
    });
  });

  it('names the missing action of a linked scope, not the one that is granted', () => {
    expect(toArmFailure(restError(403, 'LinkedAuthorizationFailed', linkedAuthorizationFailed))).toMatchObject({
      kind: 'forbidden',
      action: 'Microsoft.Compute/disks/beginGetAccess/action',
      scope: disk,
    });
  });

  it('says so when a 403 names no action', () => {
    expect(toArmFailure(restError(403, 'AuthorizationFailed', 'No.'))).toMatchObject({
      kind: 'forbidden',
      action: '(not named by Azure)',
      scope: '(not named by Azure)',
    });
  });

  it('takes a 403 of a policy for a no, not for a missing role: nobody should mend roles for it', () => {
    expect(toArmFailure(restError(403, 'RequestDisallowedByPolicy', 'Policy says no.'))).toEqual({
      kind: 'rejected',
      code: 'RequestDisallowedByPolicy',
      message: 'Policy says no.',
      status: 403,
      deniedBy: [],
    });
  });

  it('names the assignments of Azure Policy that denied a request, as many as Azure quotes', () => {
    const id = (name: string) => `/subscriptions/s/providers/Microsoft.Authorization/policyAssignments/${name}`;
    const policyDefinition = {
      name: 'Owner',
      id: '/subscriptions/s/providers/Microsoft.Authorization/policyDefinitions/d',
    };
    const quoted = ['a', 'b'].map((name) => ({
      policyAssignment: { name: `The shop's rule ${name}`, id: id(name) },
      policyDefinition,
    }));
    // MicrosoftDocs/azure-docs:articles/automation/enforce-job-execution-hybrid-worker.md
    const message = `Resource 'disk' was disallowed by policy. Policy identifiers: '${JSON.stringify(quoted)}'.`;
    expect(toArmFailure(restError(403, 'RequestDisallowedByPolicy', message))).toMatchObject({
      kind: 'rejected',
      deniedBy: [
        { name: "The shop's rule a", id: id('a') },
        { name: "The shop's rule b", id: id('b') },
      ],
    });
  });

  it.each(["Policy identifiers: '[{]'.", "Policy identifiers: '[{}]'.", `Policy identifiers: '[${'['.repeat(9000)}]'`])(
    'names none where it cannot read them: %.40s',
    (message) => {
      expect(toArmFailure(restError(403, 'RequestDisallowedByPolicy', message))).toMatchObject({ deniedBy: [] });
    },
  );

  it.each(['ResourceNotFound', 'ResourceGroupNotFound', 'SubscriptionNotFound'])('gives %s as not found', (code) => {
    expect(toArmFailure(restError(404, code, 'Not there.'))).toEqual({
      kind: 'not-found',
      code,
      message: 'Not there.',
    });
  });

  it('waits out a call that took too long', () => {
    const aborted = Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' });

    expect(toArmFailure(aborted)).toMatchObject({ kind: 'wait', code: 'RequestTimedOut' });
  });

  it.each([
    'Error "Unexpected end" in {"accessSAS": "https://md-x.blob.storage.azure.net/y/abcd?sv=1&sr=b&si=z&sig=SeCrEt%2Bx%3D"}',
    'connect ECONNREFUSED https://md-x.blob.storage.azure.net/y/abcd?sig=SeCrEt&sv=1',
    'https%3A%2F%2Fmd-x%2Fabcd%3Fsv%3D1%26sig%3DSeCrEt',
  ])('hides the signature of a SAS that the SDK quotes: %s', (message) => {
    const failure = toArmFailure(restError(200, 'PARSE_ERROR', message));

    expect(failure.message).toContain('(hidden)');
    expect(failure.message).not.toContain('SeCrEt');
  });

  it.each([408, 429, 500, 502, 503, 504])('waits out the status %d', (status) => {
    expect(toArmFailure(restError(status, 'Busy', 'Later.'))).toEqual({
      kind: 'wait',
      code: 'Busy',
      message: 'Later.',
      retryAfterMs: undefined,
    });
  });

  it.each(['Conflict', 'OperationPreempted', 'AttachDiskWhileBeingDetached', 'ConflictingConcurrentWrite'])(
    'waits out the conflict %s: somebody is at it just now',
    (code) => {
      expect(toArmFailure(restError(409, code, 'Busy.'))).toMatchObject({ kind: 'wait', code });
    },
  );

  it('waits three minutes for a network interface that is kept for a VM that could not be made', () => {
    expect(toArmFailure(restError(400, 'NicReservedForAnotherVm', 'Reserved.'))).toEqual({
      kind: 'wait',
      code: 'NicReservedForAnotherVm',
      message: 'Reserved.',
      retryAfterMs: 180_000,
    });
  });

  it.each([
    [409, 'OperationNotAllowed'],
    [409, 'ResourceGroupBeingDeleted'],
    [400, 'InvalidParameter'],
    [412, 'PreconditionFailed'],
    [401, 'InvalidAuthenticationToken'],
  ])('takes %d %s for a no', (status, code) => {
    expect(toArmFailure(restError(status, code, 'No.'))).toEqual({ kind: 'rejected', code, message: 'No.', status });
  });

  it.each([
    ['17', 17_000],
    ['0', 0],
    ['-3', 0],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
  ])('reads Retry-After %j', (header, retryAfterMs) => {
    expect(toArmFailure(restError(429, 'TooManyRequests', 'Slow down.', header))).toMatchObject({ retryAfterMs });
  });

  it('reads Retry-After as a date', () => {
    const at = new Date(Date.now() + 60_000).toUTCString();
    const failure = toArmFailure(restError(503, 'Busy', 'Later.', at));
    expect(failure.kind === 'wait' && failure.retryAfterMs).toBeGreaterThan(50_000);
    expect(failure.kind === 'wait' && failure.retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  it('waits when there was no answer at all', () => {
    const error = new RestError('connect ECONNREFUSED', { code: 'REQUEST_SEND_ERROR' });
    expect(toArmFailure(error)).toEqual({ kind: 'wait', code: 'REQUEST_SEND_ERROR', message: 'connect ECONNREFUSED' });
  });

  it.each([
    new AuthenticationError(400, { error: 'invalid_request', error_description: 'Identity not found' }),
    new AuthenticationError(403, { error: 'forbidden' }),
    new CredentialUnavailableError('ManagedIdentityCredential: no endpoint'),
    new AggregateAuthenticationError([new CredentialUnavailableError('none')], 'DefaultAzureCredential failed.'),
  ])('waits when a token cannot be had: $name', (error) => {
    expect(toArmFailure(error)).toMatchObject({ kind: 'wait', code: error.name });
  });

  it('bounds a message that could fill the ledger', () => {
    expect(toArmFailure(restError(400, 'Bad', 'x'.repeat(100_000))).message).toHaveLength(2000);
  });

  it('gets through a hostile message without searching backwards', () => {
    const message = "does not have permission to perform action 'a' ".repeat(40);
    expect(toArmFailure(restError(403, 'AuthorizationFailed', message))).toMatchObject({
      action: '(not named by Azure)',
    });
  });

  it.each([new TypeError('undefined is not a function'), new Error('ours'), 'text', undefined, { statusCode: 404 }])(
    'throws again what is no answer of Azure: %p',
    (error) => {
      let thrown: unknown = 'nothing was thrown';
      try {
        toArmFailure(error);
      } catch (caught) {
        thrown = caught;
      }
      expect(thrown).toBe(error);
    },
  );
});

function restError(statusCode: number, code: string, message: string, retryAfter?: string): RestError {
  const request = createPipelineRequest({ url: 'https://management.azure.com/' });
  const headers = createHttpHeaders(retryAfter === undefined ? {} : { 'Retry-After': retryAfter });
  return new RestError(message, { statusCode, code, request, response: { request, status: statusCode, headers } });
}
