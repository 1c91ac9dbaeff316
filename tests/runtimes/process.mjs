// The suite in a runtime that has processes: Node.js, Deno, Bun. It ends by itself.
import { CHECKS, run, version } from "./suite.mjs";

const connection = JSON.parse(process.argv[2]);
process.on("unhandledRejection", (reason) =>
  console.log(JSON.stringify({ name: "no unhandled rejection", ok: false, why: `${reason?.stack}` })),
);
console.log(JSON.stringify({ version }));
for (const name of Object.keys(CHECKS)) console.log(JSON.stringify(await run(name, connection)));
