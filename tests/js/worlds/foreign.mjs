/** Answers as one or another `fetch` gives them, and what a `fetch` may do that gives none. */

import { Readable } from "node:stream";

const bodiless = (status) => status === 204 || status === 304;

/** An answer of the platform's own kind. */
function native({ status, headers, body }) {
  return new Response(bodiless(status) ? null : body, { status, headers });
}

/** The members that most answers have that are no `Response`. */
function plain({ status, headers, body }, more = {}) {
  const names = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]));
  const answer = {
    status,
    ok: status >= 200 && status < 300,
    headers: { get: (name) => names.get(String(name).toLowerCase()) ?? null, has: (name) => names.has(name) },
    text: async () => body,
    json: async () => JSON.parse(body),
    ...more,
  };
  return { clone: () => answer, ...answer };
}

const withHeaders = (answer, get) => plain(answer, { headers: { get } });

function valueOf(answer, name) {
  return answer.headers.find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1];
}

/** Forms of an answer that has all of its parts: a client treats it as it treats a `Response`. */
export const HONEST = {
  native,
  /** node-fetch: the body is a stream of Node's, which has neither `getReader` nor `cancel`. */
  "node stream": (answer) => plain(answer, { body: Readable.from([Buffer.from(answer.body)]) }),
  "no body": (answer) => plain(answer),
  "null body": (answer) => plain(answer, { body: null }),
  "number headers": (answer) =>
    withHeaders(answer, (name) => {
      const value = valueOf(answer, name);
      return /^\d+$/.test(value) ? Number(value) : value;
    }),
};

/** Ways to give an answer that break what a `Response` promises. */
export const BROKEN = {
  "headers that throw": (answer) =>
    withHeaders(answer, () => {
      throw new RangeError("no headers");
    }),
  "no headers": (answer) => ({ ...plain(answer), headers: undefined }),
  "headers that are objects": (answer) => withHeaders(answer, () => ({ toString: () => "59" })),
  "a status that throws": (answer) =>
    Object.defineProperty(plain(answer), "status", {
      get() {
        throw new RangeError("no status");
      },
    }),
  "a status that is text": (answer) => plain(answer, { status: String(answer.status) }),
  "no status": (answer) => plain(answer, { status: undefined }),
  "a body that throws": (answer) =>
    Object.defineProperty(plain(answer), "body", {
      get() {
        throw new RangeError("no body");
      },
    }),
  "cancel that throws": (answer) =>
    plain(answer, {
      body: {
        cancel: () => {
          throw new TypeError("locked");
        },
      },
    }),
  "cancel that gives nothing": (answer) => plain(answer, { body: { cancel: () => undefined } }),
  "no clone": (answer) => ({ ...plain(answer), clone: undefined }),
  "clone that throws": (answer) => ({
    ...plain(answer),
    clone: () => {
      throw new TypeError("used");
    },
  }),
  "text that throws": (answer) =>
    plain(answer, {
      text: () => {
        throw new TypeError("no text");
      },
    }),
  "text that rejects": (answer) => plain(answer, { text: () => Promise.reject(new TypeError("no text")) }),
  "text that is none": (answer) => plain(answer, { text: async () => ({ length: 3 }) }),
  "text that never comes": (answer) => plain(answer, { text: () => new Promise(() => {}) }),
  "chunks that are text": (answer) => ({
    ...plain(answer),
    body: new ReadableStream({
      start(controller) {
        controller.enqueue(answer.body);
        controller.close();
      },
    }),
  }),
  "a reader that throws": (answer) =>
    plain(answer, {
      body: {
        getReader: () => {
          throw new TypeError("locked");
        },
        cancel: async () => {},
      },
    }),
  "a locked body": (answer) => {
    const response = native(answer);
    response.body?.getReader();
    return response;
  },
};

const evil = (name) =>
  Object.defineProperty(new Error("evil"), name, {
    get() {
      throw new RangeError("not yours");
    },
  });

function endless() {
  const error = new Error("endless");
  error.cause = error;
  return error;
}

/** Results of a `fetch` that are no answer at all. */
export const NONE = {
  "resolves to undefined": () => undefined,
  "resolves to null": () => null,
  "resolves to a number": () => 42,
  "resolves to an empty object": () => ({}),
  "rejects with nothing": () => Promise.reject(),
  "rejects with a text": () => Promise.reject("no"),
  "rejects with a code that throws": () => Promise.reject(evil("code")),
  "rejects with a cause that throws": () => Promise.reject(evil("cause")),
  "rejects with itself as its cause": () => Promise.reject(endless()),
  "rejects with what looks like a refusal of the core": () => Promise.reject({ code: "closed", message: "x", blame: "caller", retryable: false }),
  "rejects with a proxy that throws": () =>
    Promise.reject(
      new Proxy(
        {},
        {
          get() {
            throw new RangeError("not yours");
          },
          has() {
            throw new RangeError("not yours");
          },
        },
      ),
    ),
};
