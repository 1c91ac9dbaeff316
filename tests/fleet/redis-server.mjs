/** A redis-server of a test's own, on this machine. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";
import { freePort } from "../js/free-port.mjs";

const PROGRAM = "/usr/bin/redis-server";

/** The reason why tests that need it are left out, if there is one; `cargo xtask test fleet` installs it. */
export const skip = !existsSync(PROGRAM) && "redis-server is not installed; on Debian: apt-get install redis-server";

/** Starts a server that writes nothing to its disk, unless `options` has it do so. It is ended with the test. */
export async function redisServer(t, options = []) {
  const folder = mkdtempSync(join(tmpdir(), "xero-redis-"));
  const port = await freePort();
  const plain = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--loglevel", "warning"];
  let server;
  const self = {
    port,
    url: `redis://127.0.0.1:${port}`,
    /** Runs commands by a connection of their own, and returns their answers. */
    async run(...commands) {
      const client = createClient({ url: self.url, socket: { reconnectStrategy: false } }).on("error", () => {});
      await client.connect();
      try {
        const answers = [];
        for (const command of commands) answers.push(await client.sendCommand(command));
        return answers;
      } finally {
        client.destroy();
      }
    },
    async start() {
      server = spawn(PROGRAM, [...plain, ...options], { stdio: "ignore" });
      for (let n = 0; n < 200; n++) {
        if (await self.run(["PING"]).then(() => true, () => false)) return;
        await new Promise((done) => setTimeout(done, 50));
      }
      throw new Error("redis-server did not start");
    },
    /** Stops the server where it is, as a machine without time does. */
    stall: () => server.kill("SIGSTOP"),
    goOn: () => server.kill("SIGCONT"),
    async kill() {
      server.kill("SIGKILL");
      await once(server, "close");
    },
  };
  t.after(async () => {
    if (server.exitCode === null && server.signalCode === null) await self.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  await self.start();
  return self;
}

/** Starts a cluster of one server, which has all slots. */
export async function redisCluster(t) {
  const server = await redisServer(t, ["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"]);
  await server.run(["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
  for (;;) {
    const [info] = await server.run(["CLUSTER", "INFO"]);
    if (String(info).includes("cluster_state:ok")) return server;
    await new Promise((done) => setTimeout(done, 50));
  }
}
