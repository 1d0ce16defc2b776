interface Server {
  keepAliveTimeout: number;
}

/**
 * The server, which keeps its connections longer than any test pauses: one that is closed just when it is used again looks like a
 * dead Azure.
 */
export function keepingConnections<Kind extends Server>(server: Kind): Kind {
  server.keepAliveTimeout = 10 * 60_000;
  return server;
}
