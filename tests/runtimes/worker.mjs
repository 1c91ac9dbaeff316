// The suite in an isolate of an edge network: one request a check.
import { CHECKS, run, version } from "./suite.mjs";

export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const name = searchParams.get("check");
    if (name === null) return Response.json({ version, names: Object.keys(CHECKS) });
    return Response.json(await run(name, JSON.parse(searchParams.get("connection"))));
  },
};
