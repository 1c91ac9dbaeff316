/** A TCP proxy that delays what passes, loses it, or cuts its connections. */

import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Starts a proxy before a port of this machine. It is ended with the test. */
export async function proxy(t, port) {
  const sockets = new Set();
  const self = {
    port: 0,
    /** The milliseconds by which each direction is delayed. */
    delayMs: 0,
    /** Has answers lost: what the server sends does not arrive. */
    isDeaf: false,
    /** Cuts all connections, and refuses new ones until `join`. */
    cut() {
      server.isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    join: () => void (server.isCut = false),
    /** Leads new connections to another port, and cuts the others. */
    leadTo(other) {
      port = other;
      for (const socket of sockets) socket.destroy();
    },
  };
  const pass = (from, to, isAnswer) => {
    // In the order of their arrival, also when the delay changes meanwhile.
    let last = Promise.resolve();
    from.on("data", (bytes) => {
      if (isAnswer && self.isDeaf) return;
      const waited = new Promise((done) => (self.delayMs ? setTimeout(done, self.delayMs) : done()));
      last = last.then(() => waited).then(() => void (to.destroyed || to.write(bytes)));
    });
    from.on("error", () => {});
    from.on("close", () => to.destroy());
  };
  const server = createServer((near) => {
    if (server.isCut) return void near.destroy();
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket.setNoDelay());
      socket.on("close", () => sockets.delete(socket));
    }
    pass(near, far, false);
    pass(far, near, true);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  self.port = server.address().port;
  t.after(() => {
    self.cut();
    server.close();
  });
  return self;
}
