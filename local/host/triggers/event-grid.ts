/**
 * The Event Grid webhook: `POST /runtime/webhooks/EventGrid?functionName=X`.
 * Source: Azure/azure-sdk-for-net:sdk/eventgrid/Microsoft.Azure.WebJobs.Extensions.EventGrid/src/TriggerBinding/HttpRequestProcessor.cs
 */
import { firstHeader, json, type HostRequest, type HostResponse } from '../http/messages';
import { messageOf, type Log } from '../log';

interface EventGridOptions {
  /** Whether there is an Event Grid function of that name. */
  isEventGridFunction: (functionName: string) => boolean;
  /** Runs the function with one event as JSON text. Rejects with what it throws. */
  deliver: (functionName: string, event: string) => Promise<void>;
  log: Log;
}

/** Answers the webhook; the key has been checked. */
export async function receiveEvents(options: EventGridOptions, request: HostRequest): Promise<HostResponse> {
  const functionName = request.url.searchParams.get('functionName') ?? '';
  if (!options.isEventGridFunction(functionName)) {
    return { status: 404, body: `cannot find function: '${functionName}'` };
  }
  if (request.method === 'OPTIONS') return allowCloudEvents(request);
  const kind = firstHeader(request, 'aeg-event-type')?.toLowerCase();
  if (kind === 'unsubscribe') return { status: 202 };
  if (kind !== 'subscriptionvalidation' && kind !== 'notification') return { status: 400 };

  const content = parse((await request.body()).toString('utf8'));
  // The extension parses without a catch, so the host answers for it: seen as 500 without a body (4.1037).
  if (!content) return unparsed(options, functionName);
  if (kind === 'subscriptionvalidation') return validate(content) ?? unparsed(options, functionName);
  const deliveries = content.map((event) => options.deliver(functionName, JSON.stringify(event)));
  const failure = (await Promise.allSettled(deliveries)).find((result) => result.status === 'rejected');
  if (!failure) return { status: 202 };
  options.log('error', `Function '${functionName}' failed on an event: ${messageOf(failure.reason)}`);
  return { status: 500, body: messageOf(failure.reason) };
}

/** The abuse protection of CloudEvents 1.0: https://github.com/cloudevents/spec/blob/v1.0/http-webhook.md#4-abuse-protection */
function allowCloudEvents(request: HostRequest): HostResponse {
  const origin = firstHeader(request, 'webhook-request-origin');
  // Seen: without an origin the host answers 200, and allows nobody.
  return { status: 200, ...(origin === undefined ? {} : { headers: { 'webhook-allowed-origin': origin } }) };
}

/** An array is Event Grid's own schema, an object a single CloudEvent. */
function parse(text: string): Record<string, unknown>[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const items: unknown[] = Array.isArray(value) ? value : [value];
  const isObject = (item: unknown): item is Record<string, unknown> => typeof item === 'object' && item !== null;
  return items.every(isObject) ? items : undefined;
}

function unparsed({ log }: EventGridOptions, functionName: string): HostResponse {
  log('error', `What was sent to the Event Grid function '${functionName}' is not what Event Grid sends.`);
  return { status: 500 };
}

function validate(content: Record<string, unknown>[]): HostResponse | undefined {
  const given = content[0]?.data;
  // The data of a CloudEvent is JSON text once more.
  const data = (typeof given === 'string' ? parse(given)?.[0] : given) as { validationCode?: unknown } | undefined;
  const code = data?.validationCode;
  return typeof code !== 'string' ? undefined : json(200, { validationResponse: code });
}
