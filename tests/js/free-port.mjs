// A port for a program that a test starts.
import { once } from "node:events";
import { createServer } from "node:net";

/** A port that is free on both address families, and below those that the system gives to connections. */
export async function freePort() {
  for (let tried = 0; tried < 100; tried += 1) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const server = createServer().listen(port, "::");
    const isFree = await once(server, "listening").then(() => true, () => false);
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
  throw new Error("100 ports in a row are taken");
}
