// A program that calls by HTTP/2: with Node's own client, imported as a module and by its name, and with undici.
import { readFileSync } from "node:fs";
import http2, { connect } from "node:http2";
import { Agent, request } from "undici";

const [url, secure, authority] = process.argv.slice(2);
for (const [open, path] of [
  [connect, "Invoices?where=Needle"],
  [(given) => http2.connect(given), "Items"],
]) {
  const session = open(url);
  const stream = session.request({ ":path": `/api.xro/2.0/${path}` }).resume();
  await new Promise((done) => stream.on("end", done));
  session.close();
}
if (secure) {
  const dispatcher = new Agent({ allowH2: true, connect: { ca: readFileSync(authority) } });
  await (await request(`${secure}/api.xro/2.0/Accounts`, { dispatcher })).body.text();
  await dispatcher.close();
}
console.log("done");
