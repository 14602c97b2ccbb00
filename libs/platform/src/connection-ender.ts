import type { Server, ServerResponse } from 'node:http';

const LOOK_MS = 50;

/**
 * Ends the connections of a server that closes: each with the answer that is under way on it, and all others once there is none. By
 * itself a server waits for as long as clients keep their connections open, and for those that have never sent anything.
 */
export class ConnectionEnder {
  private readonly underWay = new Set<ServerResponse>();
  private isEnding = false;

  constructor(private readonly server: Server) {
    // First of all listeners: the answer may be given within the next one.
    server.prependListener('request', (_request, response) => {
      this.underWay.add(response);
      if (this.isEnding) response.shouldKeepAlive = false;
      response.once('close', () => this.underWay.delete(response));
    });
  }

  /** Call it before the server is closed. It goes on answering until then. */
  end(): void {
    this.isEnding = true;
    for (const response of this.underWay) response.shouldKeepAlive = false;
    const timer = setInterval(() => {
      if (!this.server.listening && this.underWay.size === 0) this.server.closeAllConnections();
    }, LOOK_MS);
    this.server.once('close', () => clearInterval(timer));
  }
}
