// A Worker as people write it: one client at module scope, for all requests of the isolate.
import { env, waitUntil } from "cloudflare:workers";
import { CustomConnection } from "xero-m2m";

const { clientId, clientSecret, url, keep, ...options } = env.CONNECTION;
const xero = new CustomConnection({
  clientId,
  clientSecret,
  identityUrl: url,
  apiUrl: url,
  retry: 0,
  ...(keep && { waitUntil }),
  ...options,
});

const { now } = Date;

export default {
  async fetch(request) {
    globalThis.atModuleScope = false;
    const { pathname, searchParams } = new URL(request.url);
    Date.now = () => now() + Number(searchParams.get("later") ?? 0);
    try {
      if (pathname === "/leave") {
        // Begins something and does not wait for it: it ends with this request.
        void (searchParams.has("call") ? xero.json("GET", "/Organisation") : xero.token()).catch(() => {});
        await scheduler.wait(50);
        return Response.json("left");
      }
      if (pathname === "/token") {
        const { accessToken, expiresAt } = await xero.token();
        return Response.json({ token: accessToken.slice(-20), expiresAt });
      }
      const { Organisations } = await xero.json("GET", pathname);
      return Response.json({ count: Organisations.length });
    } catch (error) {
      return Response.json({ code: error.code, message: `${error.message}`, stack: error.stack }, { status: 500 });
    }
  },
};
