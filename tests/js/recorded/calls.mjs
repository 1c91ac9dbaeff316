// A program that makes `count` calls, alone or in `processes` of them; with `stay` it prints a line and lives on.
import { fork } from "node:child_process";
import { once } from "node:events";

const [url, count, processes = "1", stay] = process.argv.slice(2);
if (processes === "1") {
  for (let call = 0; call < Number(count); call++) await (await fetch(`${url}/api.xro/2.0/Invoices?page=${call}`)).text();
} else {
  const children = Array.from({ length: Number(processes) }, () => fork(process.argv[1], [url, count]));
  await Promise.all(children.map((child) => once(child, "exit")));
}
if (stay) {
  console.log("called");
  setInterval(() => {}, 60_000);
}
