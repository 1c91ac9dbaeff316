// A program of processes and a thread with environments of their own, each of which makes a call.
import { exec, execFile, execFileSync, execSync, fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { Worker } from "node:worker_threads";

const [, own, url, call] = process.argv;
if (call) {
  await (await fetch(`${url}/api.xro/2.0/${call}`)).text();
} else {
  const { PATH } = process.env;
  const node = process.execPath;
  const shell = (path) => `"${node}" "${own}" ${url} ${path}`;
  const script = (path) => `require("http").get("${url}/api.xro/2.0/${path}", (answer) => answer.resume())`;
  const children = [
    spawn(node, [own, url, "Accounts"], { env: {} }),
    spawn(node, [own, url, "Contacts"], { env: { ...process.env, NODE_OPTIONS: "--no-deprecation" } }),
    fork(own, [url, "Invoices"], { env: { PATH } }),
    execFile(node, [own, url, "Items"], { env: { PATH } }),
    exec(shell("Payments"), { env: { PATH } }),
    new Worker(script("Users"), { eval: true, env: { PATH } }),
  ];
  await Promise.all(children.map((child) => once(child, "exit")));
  spawnSync(node, [own, url, "TaxRates"], { env: { PATH } });
  execFileSync(node, [own, url, "Currencies"], { env: { PATH } });
  execSync(shell("Organisation"), { env: { PATH } });
}
