// Xero's MCP server by every tool, through the SDK of the Model Context Protocol.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { end, say } from "./say.mjs";

const server = join(dirname(fileURLToPath(import.meta.url)), "node_modules/@xeroapi/xero-mcp-server/dist/index.js");
const client = new Client({ name: "trial", version: "1.0.0" });
await client.connect(new StdioClientTransport({ command: process.execPath, args: [server], env: process.env, stderr: "ignore" }));
const { tools } = await client.listTools();

/** Ids by the name of the record, as they stand in answers of the list tools: `Contact ID: …`. */
const ids = new Map();
const order = ({ name }) => ["list", "get", "create", "add", "update", "approve", "revert", "delete"].findIndex((verb) => name.startsWith(verb));
for (const { name, inputSchema } of tools.sort((a, b) => order(a) - order(b))) {
  let text = "";
  let error;
  try {
    const answer = await client.callTool({ name, arguments: sample(inputSchema, "") }, undefined, { timeout: 60_000 });
    text = answer.content.map((part) => part.text ?? "").join("\n");
    if (answer.isError || /^Error/.test(text)) error = text.slice(0, 200);
  } catch (failed) {
    error = failed.message.slice(0, 200);
  }
  for (const [, record, id] of text.matchAll(/(\w+) ?ID: ([0-9a-f-]{36})/gi)) if (!ids.has(record.toLowerCase())) ids.set(record.toLowerCase(), id);
  await say(name, error);
}
await client.close();
end();

/** A value that is valid by the schema of a tool. */
function sample({ type, enum: words, properties = {}, required = [], items = {}, anyOf, default: usual } = {}, name) {
  if (usual !== undefined) return usual;
  if (words) return words[0];
  if (anyOf) return sample(anyOf[0], name);
  const record = /^(\w+?)_?ids?$/i.exec(name)?.[1].toLowerCase();
  switch (type) {
    case "object":
      return Object.fromEntries(required.map((member) => [member, sample(properties[member], member)]));
    case "array":
      return [sample(items, name)];
    case "number":
    case "integer":
      return 1;
    case "boolean":
      return false;
    default:
      if (record) return ids.get(record) ?? "00000000-0000-4000-8000-000000000000";
      if (/date|month/i.test(name)) return "2026-11-01";
      if (/accountcode/i.test(name)) return "200";
      if (/taxtype/i.test(name)) return "OUTPUT";
      return "trial";
  }
}
