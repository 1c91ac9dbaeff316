/** Delivery of a response of the local Xero: whole, or changed by a fault. */

import type { ServerResponse } from "node:http";
import type { Explained } from "./log.js";

/** A fault on the way of a response: `Transport` of the Rust module `simulator::fault`. */
export type Spoil =
  | "reset"
  | "reset-head"
  | "reset-body"
  | "silent"
  | "slow-head"
  | "slow-body"
  | "cut-gzip"
  | "wrong-length"
  | "huge"
  | "bad-utf8";

/** A response, and the fault of its delivery. */
export interface SimulatedResponse {
  status: number;
  headers: [string, string][];
  body: Uint8Array<ArrayBuffer>;
  spoil?: Spoil;
  /** The number of the limits that the request was checked against. */
  limits?: number;
  /** The facts of the log, if there is one. */
  explained?: Explained;
}

/** 40 MB of JSON. */
const HUGE = 40_000_000;

/** The beginning of a list of invoices, compressed with gzip. */
const CUT_GZIP = "H4sIAAAAAAAAA33Qqw7CQBSE4XdZDcmZc9mz2zeoqcQQDKQCASQQME3fvQrHICe/";

/** Headers and body after a fault that changes only them. */
function altered({ headers, body, spoil }: SimulatedResponse): { headers: [string, string][]; body: Uint8Array<ArrayBuffer> } {
  switch (spoil) {
    case "cut-gzip": {
      const bytes = Uint8Array.from(atob(CUT_GZIP), (character) => character.charCodeAt(0));
      return { headers: [...headers, ["Content-Encoding", "gzip"]], body: bytes };
    }
    case "huge": {
      const bytes = new Uint8Array(HUGE).fill(0x20);
      bytes.set(new TextEncoder().encode("{}"));
      return { headers, body: bytes };
    }
    case "bad-utf8":
      return { headers, body: Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0xc0, 0x7d) };
    default:
      return { headers, body };
  }
}

/** Sends a response over HTTP. */
export async function deliver(simulated: SimulatedResponse, response: ServerResponse): Promise<void> {
  const { status, spoil } = simulated;
  const { headers, body } = altered(simulated);
  const { socket } = response;
  const head = () => {
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    return `HTTP/1.1 ${status} Spoilt\r\n${lines}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
  };
  switch (spoil) {
    case "silent":
      return;
    case "reset":
      socket?.resetAndDestroy();
      return;
    case "reset-head":
      socket?.write("HTTP/1.1 200 OK\r\nContent-Ty", () => socket.resetAndDestroy());
      return;
    case "reset-body":
      socket?.write(head());
      socket?.write(body.subarray(0, body.length >> 1), () => setImmediate(() => socket.resetAndDestroy()));
      return;
    case "slow-head":
      return slowly(new TextEncoder().encode(head()), (byte) => socket?.write(byte) ?? false, () => socket?.destroyed ?? true);
    case "slow-body":
      socket?.write(head());
      return slowly(body, (byte) => socket?.write(byte) ?? false, () => socket?.destroyed ?? true);
    case "wrong-length":
      socket?.end(Buffer.concat([Buffer.from(head().replace(/Content-Length: \d+/, `Content-Length: ${body.length + 10}`)), body]));
      return;
    default:
      response.statusCode = status;
      for (const [name, value] of headers) response.appendHeader(name, value);
      response.end(body);
  }
}

/** Sends one byte a second, until the connection is closed. */
async function slowly(bytes: Uint8Array<ArrayBuffer>, send: (byte: Uint8Array) => void, over: () => boolean): Promise<void> {
  for (let at = 0; at < bytes.length && !over(); at++) {
    send(bytes.subarray(at, at + 1));
    await new Promise((resolve) => setTimeout(resolve, 1_000).unref?.());
  }
}

/** Returns the response as `fetch` returns it, without HTTP. Throws the errors of `fetch`. */
export function spoilt(simulated: SimulatedResponse, signal: AbortSignal | undefined): Response | Promise<Response> {
  const { status, spoil } = simulated;
  const { headers, body } = altered(simulated);
  const reset = () => Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }) });
  const broken = (part: Uint8Array<ArrayBuffer>) =>
    new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => {
        if (part.length === 0) return controller.error(reset());
        controller.enqueue(part);
        part = part.subarray(part.length);
      },
    });
  switch (spoil) {
    case "reset":
    case "reset-head":
      throw reset();
    case "silent":
    case "slow-head":
      return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    case "reset-body":
    case "cut-gzip":
      return new Response(broken(body.subarray(0, body.length >> 1)), { status, headers });
    case "wrong-length":
      return new Response(broken(body), { status, headers });
    case "slow-body": {
      let at = 0;
      const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start: (controller) => signal?.addEventListener("abort", () => controller.error(signal.reason)),
        pull: async (controller) => {
          // Also so that the stream refers to the signal, which would be collected otherwise.
          signal?.throwIfAborted();
          if (at >= body.length) return controller.close();
          controller.enqueue(body.subarray(at, ++at));
          await new Promise((resolve) => setTimeout(resolve, 1_000));
        },
      });
      return new Response(stream, { status, headers });
    }
    default: {
      // A Response with one of these statuses takes no body, not even an empty one.
      const bodiless = status === 204 || status === 205 || status === 304;
      return new Response(bodiless ? null : body, { status, headers });
    }
  }
}
