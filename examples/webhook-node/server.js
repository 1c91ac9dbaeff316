// Receives Xero's webhooks. The body is verified before anything parses it; the work is done after the answer.
import { createServer } from "node:http";
import { verifyWebhook } from "xero-m2m/webhook";

const key = process.env.XERO_WEBHOOK_KEY;
if (!key) throw new Error("set XERO_WEBHOOK_KEY to the key of the webhook, from the developer portal");

const server = createServer(async (request, response) => {
  /** @type {Buffer[]} */
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const verified = await verifyWebhook(body, request.headers["x-xero-signature"]?.toString(), key);
  // No body and no cookie: Xero wants only the status, within five seconds.
  response.writeHead(verified ? 200 : 401).end();
  if (!verified) return;
  const { events } = JSON.parse(body.toString());
  for (const { eventCategory, eventType, resourceId } of events) console.log(eventCategory, eventType, resourceId);
});

server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`http://127.0.0.1:${port}/`);
});
process.once("SIGTERM", () => server.close());
