/**
 * The value of a `durableClient` input binding, from which the library makes its DurableClient, and the links of the
 * management API. Source: durable-functions:lib/src/durableClient/OrchestrationClientInputData.js
 */

/** The path of the management API below the host's address. */
export const managementPath = '/runtime/webhooks/durabletask';

interface LinkOptions {
  /** `http://127.0.0.1:<port>` */
  hostUrl: string;
  hubName: string;
  /** The system key of the extension. */
  systemKey: string;
}

/** The links of one instance, as a start answers them. */
export function managementLinks(options: LinkOptions, instanceId: string): Record<string, string> {
  const base = `${options.hostUrl}${managementPath}/instances/${instanceId}`;
  const query = requiredQuery(options);
  return {
    id: instanceId,
    statusQueryGetUri: `${base}?${query}`,
    sendEventPostUri: `${base}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${base}/terminate?reason={text}&${query}`,
    rewindPostUri: `${base}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${base}?${query}`,
    restartPostUri: `${base}/restart?${query}`,
    suspendPostUri: `${base}/suspend?reason={text}&${query}`,
    resumePostUri: `${base}/resume?reason={text}&${query}`,
  };
}

/**
 * The binding's value. All calls of the client go to `rpcUrl` (ending in a slash), a listener of its own on the
 * loopback address, as the real extension's; the links are for others.
 */
export function durableClientValue(options: LinkOptions & { rpcUrl: string }): string {
  const baseUrl = `${options.hostUrl}${managementPath}`;
  return JSON.stringify({
    taskHubName: options.hubName,
    creationUrls: {
      createNewInstancePostUri: `${baseUrl}/orchestrators/{functionName}[/{instanceId}]?code=${options.systemKey}`,
      createAndWaitOnNewInstancePostUri:
        `${baseUrl}/orchestrators/{functionName}[/{instanceId}]` +
        `?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&code=${options.systemKey}`,
    },
    managementUrls: managementLinks(options, 'INSTANCEID'),
    baseUrl,
    requiredQueryStringParameters: `code=${options.systemKey}`,
    rpcBaseUrl: options.rpcUrl,
  });
}

function requiredQuery({ hubName, systemKey }: LinkOptions): string {
  return `taskHub=${encodeURIComponent(hubName)}&connection=Storage&code=${systemKey}`;
}
