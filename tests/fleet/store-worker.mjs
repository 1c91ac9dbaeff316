/** A Worker that uses its store as its requests ask for: a swap, a check of the store, or a writer. */

import { durableObject } from "xero-m2m/durable-object";
import { checkSharedStore } from "xero-m2m/shared";
import { counted } from "./counted.mjs";

export { XeroFleet } from "xero-m2m/durable-object";

export default {
  async fetch(request, env) {
    const store = durableObject(env.XERO_FLEET);
    const { swap, count } = await request.json();
    if (swap) return Response.json(await store.swap(swap));
    return Response.json(await (count ? counted(store, ...count) : checkSharedStore(store)));
  },
};
