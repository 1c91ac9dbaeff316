/** A local Xero behind its proxy and over HTTPS: its certificate, the hosts that it answers for, and the refusal of others. */

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, request as plain } from "node:http";
import { request as secure } from "node:https";
import { connect } from "node:tls";
import { test } from "node:test";
import { createSimulator } from "xero-m2m/simulator";

const HOSTS = ["identity.xero.com", "login.xero.com", "api.xero.com"];
const DAY_MS = 86_400_000;

async function open(t, listen = { proxy: true }, options = {}) {
  const log = [];
  const simulator = createSimulator({ invoices: 3, log: (entry) => log.push(entry), ...options });
  t.after(() => simulator.close());
  const server = await simulator.listen(listen);
  return { simulator, server, log };
}

/** Asks a proxy for a tunnel. Returns its answer and the connection. */
async function tunnel({ url }, path) {
  const { hostname, port } = new URL(url);
  const [answer, socket, head] = await once(plain({ host: hostname, port, method: "CONNECT", path }).end(), "connect");
  return { answer, socket, head };
}

/** Sends a request of HTTPS, through the proxy if there is one. */
async function send({ url, authority }, target, { method = "GET", headers = {}, body = "" } = {}) {
  const { hostname, port, pathname, search } = new URL(target);
  const own = url.startsWith("https:") ? {} : { socket: (await tunnel({ url }, `${hostname}:443`)).socket, agent: false };
  const sent = secure({ ...own, host: hostname, port, servername: hostname === "127.0.0.1" ? "" : hostname, ca: authority, method, path: pathname + search, headers });
  sent.once("error", () => own.socket?.destroy());
  const [response] = await once(sent.end(body), "response");
  let text = "";
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, text, json: () => JSON.parse(text) };
}

const form = ({ clientId, clientSecret }) => ({
  method: "POST",
  headers: { Authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}`, "Content-Type": "application/x-www-form-urlencoded" },
  body: "grant_type=client_credentials",
});

/** The certificate that a server shows for a host. */
async function shown(server, host) {
  const { socket } = await tunnel(server, `${host}:443`);
  const secured = connect({ socket, servername: host, ca: server.authority });
  await once(secured, "secureConnect");
  const { raw } = secured.getPeerCertificate();
  secured.destroy();
  return new X509Certificate(raw);
}

test("the certificate is valid for a day, for Xero's hosts and this machine, and its authority for no other name", async (t) => {
  const before = Math.floor(Date.now() / 1_000) * 1_000;
  const { server } = await open(t);
  const authority = new X509Certificate(server.authority);
  assert.ok(authority.ca && authority.checkIssued(authority) && authority.verify(authority.publicKey));
  // The object identifier of name constraints, and that they are critical.
  const constraints = Buffer.from("0603551d1e0101ff", "hex");
  assert.ok(authority.raw.includes(constraints));
  for (const name of [...HOSTS, "localhost"]) assert.ok(authority.raw.includes(Buffer.from(name)));
  const serials = new Set([authority.serialNumber]);
  for (const host of HOSTS) {
    const certificate = await shown(server, host);
    assert.ok(!certificate.ca && certificate.checkIssued(authority) && certificate.verify(authority.publicKey));
    assert.ok(!certificate.verify(certificate.publicKey), "it signs nothing");
    for (const name of [...HOSTS, "localhost"]) assert.equal(certificate.checkHost(name), name);
    for (const address of ["127.0.0.1", "::1"]) assert.equal(certificate.checkIP(address), address);
    for (const name of ["xero.com", "example.com", "evil.api.xero.com"]) assert.equal(certificate.checkHost(name), undefined);
    assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
    const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
    assert.equal(to - from, DAY_MS);
    assert.ok(from >= before && from <= Date.now());
    serials.add(certificate.serialNumber);
  }
  assert.equal(serials.size, 2);
  const { server: other } = await open(t);
  assert.notEqual(new X509Certificate(other.authority).fingerprint256, authority.fingerprint256);
});

test("through a tunnel it answers for Xero's hosts, and the issuer is Xero's", async (t) => {
  const { simulator, server, log } = await open(t);
  const discovery = (await send(server, "https://identity.xero.com/.well-known/openid-configuration")).json();
  assert.equal(discovery.issuer, "https://identity.xero.com");
  assert.equal(discovery.token_endpoint, "https://identity.xero.com/connect/token");
  const { access_token: token } = (await send(server, discovery.token_endpoint, form(simulator))).json();
  assert.equal(JSON.parse(Buffer.from(token.split(".")[1], "base64url")).iss, "https://identity.xero.com");
  const headers = { Authorization: `Bearer ${token}`, Accept: "application/json" };
  const invoices = await send(server, "https://api.xero.com/api.xro/2.0/Invoices?page=1&unitdp=", { headers });
  assert.equal(invoices.json().Invoices.length, 3);
  assert.equal((await send(server, "https://login.xero.com/identity/connect/authorize")).status, 400);
  // The address of the proxy is that of the local Xero as well.
  assert.equal((await fetch(`${server.url}/api.xro/2.0/Invoices`, { headers })).status, 200);
  assert.deepEqual(log.map(({ method, host, path, query, status, operation, scopes }) => [method, host, path, query, status, operation, scopes]), [
    ["GET", "identity.xero.com", "/.well-known/openid-configuration", [], 200, undefined, undefined],
    ["POST", "identity.xero.com", "/connect/token", [], 200, undefined, undefined],
    ["GET", "api.xero.com", "/api.xro/2.0/Invoices", ["page", "unitdp"], 200, "accounting.getInvoices", ["accounting.invoices", "accounting.invoices.read"]],
    ["GET", "login.xero.com", "/identity/connect/authorize", [], 400, undefined, undefined],
    ["GET", undefined, "/api.xro/2.0/Invoices", [], 200, "accounting.getInvoices", ["accounting.invoices", "accounting.invoices.read"]],
  ]);
});

test("a request in absolute form is answered as in a tunnel", async (t) => {
  const { simulator, server } = await open(t);
  const { hostname: host, port } = new URL(server.url);
  const ask = async (path, { method = "GET", headers = {}, body = "" } = {}) => {
    const [response] = await once(plain({ host, port, method, path, headers }).end(body), "response");
    let text = "";
    for await (const chunk of response) text += chunk;
    return { status: response.statusCode, phrase: response.statusMessage, text };
  };
  const answer = await ask("https://identity.xero.com/connect/token", form(simulator));
  const { access_token: token } = JSON.parse(answer.text);
  const organisation = await ask("https://api.xero.com/api.xro/2.0/Organisation", { headers: { Authorization: `Bearer ${token}`, Accept: "application/json" } });
  assert.equal(JSON.parse(organisation.text).Organisations[0].Name, simulator.organisation);
  for (const [path, named] of [
    ["https://example.com/", '"example.com"'],
    ["http://api.xero.com/connections", '"api.xero.com" without TLS'],
    ["https://user:hush@example.com/?a=hush", '"example.com"'],
  ]) {
    const refused = await ask(path);
    assert.deepEqual([refused.status, refused.phrase], [403, "The local Xero does not answer for this host"]);
    assert.ok(refused.text.includes(named) && !refused.text.includes("hush"), refused.text);
  }
});

test("every other host is refused by its name, and nothing is sent to it", async (t) => {
  const { server, log } = await open(t);
  let reached = 0;
  const other = createServer().on("connection", () => (reached += 1)).listen(0, "127.0.0.1");
  await once(other, "listening");
  t.after(() => other.close());
  const local = `127.0.0.1:${other.address().port}`;
  const hosts = ["example.com:443", "api.xero.com:80", "api.xero.com.example.com:443", local];
  for (const host of hosts) {
    const { answer, socket, head } = await tunnel(server, host);
    assert.equal(answer.statusCode, 403);
    assert.equal(answer.statusMessage, "The local Xero does not answer for this host");
    let text = head.toString();
    for await (const chunk of socket) text += chunk;
    assert.ok(text.includes(`"${host}"`) && text.includes("NO_PROXY"), text);
  }
  assert.equal(reached, 0);
  assert.deepEqual(log.map(({ method, host, status }) => [method, host, status]), hosts.map((host) => ["CONNECT", host, 403]));
});

test("a program that does not trust the certificate is in the log, with what to do", async (t) => {
  const log = [];
  let heard;
  const both = new Promise((resolve) => (heard = resolve));
  const { server } = await open(t, { proxy: true }, { log: (entry) => log.push(entry) === 2 && heard() });
  const { authority, ...untrusted } = server;
  await assert.rejects(send(untrusted, "https://api.xero.com/connections"), { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
  const { socket } = await tunnel(server, "api.xero.com:443");
  socket.end("this is no TLS");
  await both;
  for (const { method, host, status, refused } of log) {
    assert.deepEqual([method, status], ["CONNECT", undefined]);
    assert.ok(["api.xero.com", "unknown?host"].includes(host), host);
    assert.match(refused, /trust|TLS/);
  }
});

test("over HTTPS alone: its own address, its own issuer", async (t) => {
  const { simulator, server } = await open(t, { https: true, host: "localhost" });
  assert.match(server.url, /^https:\/\/localhost:\d+$/);
  const discovery = (await send(server, `${server.url}/.well-known/openid-configuration`)).json();
  assert.equal(discovery.issuer, server.url);
  assert.equal(simulator.env.XERO_API_URL, server.url);
  assert.equal((await send(server, discovery.token_endpoint, form(simulator))).status, 200);
  const byAddress = await open(t, { https: true });
  assert.equal((await send(byAddress.server, `${byAddress.server.url}/`)).status, 200);
});

test("closing it ends its tunnels", async (t) => {
  const { simulator, server } = await open(t);
  const { socket } = await tunnel(server, "api.xero.com:443");
  const secured = connect({ socket, servername: "api.xero.com", ca: server.authority });
  await once(secured, "secureConnect");
  const { socket: waiting } = await tunnel(server, "identity.xero.com:443");
  const closed = [once(secured, "close"), once(waiting, "close")];
  await simulator.close();
  await Promise.all(closed);
});

test("options that do not go together are refused", async (t) => {
  const simulator = createSimulator({ invoices: 1 });
  t.after(() => simulator.close());
  await assert.rejects(simulator.listen({ https: true, proxy: true }), { code: "invalid_option", message: /leave out https/ });
  assert.throws(() => createSimulator({ log: true }), { code: "invalid_option", message: /^log has to be a function/ });
});

test("the log shows no query value, no token and no secret, and an error of its function changes nothing", async (t) => {
  const entries = [];
  const log = (entry) => {
    entries.push(entry);
    throw new Error("of the log");
  };
  const simulator = createSimulator({ invoices: 1, log });
  t.after(() => simulator.close());
  const { url } = await simulator.listen();
  const { access_token: token } = await (await fetch(`${url}/connect/token`, form(simulator))).json();
  const headers = { Authorization: `Bearer ${token}` };
  await fetch(`${url}/api.xro/2.0/Invoices?where=hush(&where=hush&${token}&page=2`, { headers });
  await fetch(`${url}/${token}/hush?a#b`, { headers });
  await simulator.fetch("https://api.xero.com/api.xro/2.0/Organisation?x=hush", { headers: { Authorization: "Bearer hush" } });
  await fetch(`${url}/`);
  simulator.fault("api reset");
  await assert.rejects(fetch(`${url}/api.xro/2.0/Users`, { headers }));
  await simulator.close();
  const text = JSON.stringify(entries);
  assert.ok(!text.includes(token) && !text.includes("eyJ") && !text.includes(simulator.clientSecret), text);
  assert.equal(text.replaceAll("/(token)/hush", "").includes("hush"), false, text);
  assert.deepEqual(entries.map(({ path, query, status, refused }) => [path, query, status, refused]), [
    ["/connect/token", [], 200, undefined],
    ["/api.xro/2.0/Invoices", ["where", "(token)", "page"], 400, "QueryParseException"],
    ["/(token)/hush", ["a"], 404, "no operation of Xero has this path"],
    ["/api.xro/2.0/Organisation", ["x"], 401, "the token is not one of this local Xero"],
    ["/", [], 200, undefined],
    ["/api.xro/2.0/Users", [], undefined, "a fault rule: reset"],
  ]);
  for (const { at, ms, method } of entries) {
    assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000 && ms >= 0 && ["GET", "POST"].includes(method));
  }
});
