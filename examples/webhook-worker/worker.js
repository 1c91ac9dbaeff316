// Receives Xero's webhooks on Workers. The work is done after the answer, which Xero awaits for five seconds.
import { verifyWebhook } from "xero-m2m/webhook";

export default {
  /**
   * @param {Request} request
   * @param {{ XERO_WEBHOOK_KEY: string }} env
   * @param {{ waitUntil(promise: Promise<unknown>): void }} context
   */
  async fetch(request, env, context) {
    const body = await request.text();
    const verified = await verifyWebhook(body, request.headers.get("x-xero-signature"), env.XERO_WEBHOOK_KEY);
    if (!verified) return new Response(null, { status: 401 });
    context.waitUntil(handle(JSON.parse(body).events));
    return new Response(null, { status: 200 });
  },
};

/** @param {{ eventCategory: string, eventType: string, resourceId: string }[]} events */
async function handle(events) {
  for (const { eventCategory, eventType, resourceId } of events) console.log(eventCategory, eventType, resourceId);
}
