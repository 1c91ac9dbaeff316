/** A small Xero in virtual time: tokens, windows with a hidden phase, others who spend, and everything that goes wrong. */

import { BROKEN, HONEST, NONE } from "./foreign.mjs";

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Xero's calls at once, for an organisation. */
const AT_ONCE = 5;

/** So old a token is at least that is renewed because Xero calls it expired, if it was asked for for that reason. */
const YOUNG = 5_000;

/** A fixed window with a hidden phase. */
class Window {
  #number = -1;
  #used = 0;

  constructor(length, size, phase) {
    Object.assign(this, { length, size, phase });
  }

  left(now) {
    const number = Math.floor((now + this.phase) / this.length);
    if (number !== this.#number) [this.#number, this.#used] = [number, 0];
    return this.size - this.#used;
  }

  take(now, count = 1) {
    const taken = Math.min(count, this.left(now));
    this.#used += taken;
  }

  endsIn(now) {
    return this.length - ((now + this.phase) % this.length);
  }
}

/** An answer with a body in JSON. */
function answer(status, value, headers = []) {
  return { status, headers: [["Content-Type", "application/json"], ...headers], body: JSON.stringify(value) };
}

const EXPIRED = { Title: "Unauthorized", Status: 401, Detail: "TokenExpired: token expired at 11/23/2026 10:30:00" };

/** Refusals for a limit, of each kind, whether or not it is true. */
const REFUSALS = {
  "429": [],
  "429 minute": [["X-Rate-Limit-Problem", "minute"]],
  "429 minute, at once": [["X-Rate-Limit-Problem", "minute"], ["Retry-After", "0"]],
  "429 minute, soon": [["X-Rate-Limit-Problem", "minute"], ["Retry-After", "7"]],
  "429 day": [["X-Rate-Limit-Problem", "day"]],
  "429 day, soon": [["X-Rate-Limit-Problem", "day"], ["Retry-After", "50"]],
  "429 app": [["X-Rate-Limit-Problem", "appminute"], ["X-AppMinLimit-Remaining", "0"], ["Retry-After", "5"]],
  "429 concurrent": [["X-Rate-Limit-Problem", "concurrent"]],
  "429 unknown": [["X-Rate-Limit-Problem", "fortnight"]],
  "429 nonsense": [["X-Rate-Limit-Problem", "minute"], ["Retry-After", "soon"]],
  "429 for ever": [["X-Rate-Limit-Problem", "minute"], ["Retry-After", "99999999999999"]],
};

/** Answers that are wrong, sent in the place of the right one. */
const WRONG = {
  "400": answer(400, { Message: "A validation exception occurred", Elements: [] }),
  "401 insufficient": answer(401, { Title: "Unauthorized", Status: 401, Detail: "insufficient_scope" }),
  "401 expired": answer(401, EXPIRED),
  "403": answer(403, { Title: "Forbidden", Status: 403, Detail: "AuthenticationUnsuccessful" }),
  "404": answer(404, {}),
  "408": answer(408, {}),
  "500": answer(500, {}),
  "502": { status: 502, headers: [["Content-Type", "text/html"]], body: "<html>bad gateway</html>" },
  "503": answer(503, {}),
  "503 later": answer(503, {}, [["Retry-After", "3"]]),
  "html": { status: 200, headers: [["Content-Type", "text/html"]], body: "<html>hello</html>" },
  "empty": { status: 200, headers: [["Content-Length", "10"]], body: "" },
};

/** Other faults of a call. */
const WAYS = ["slow", "reset before", "reset after", "silent", "deaf", "deaf and late", "body resets", "body stalls", "throws at once"];

/** Everything that can go wrong with a call of the API, by name. */
export const FAULTS = [...WAYS, ...Object.keys(WRONG), ...Object.keys(REFUSALS), ...Object.keys(NONE).map((name) => `fetch ${name}`)];

/** Everything that can go wrong with a request for a token. */
export const TOKEN_FAULTS = [
  ...["slow", "reset before", "silent", "deaf", "deaf and late", "body resets", "body stalls", "throws at once"],
  ...["502", "503 later", "429 minute, soon", "html", "empty", "invalid_client", "invalid_scope", "unauthorized_client"],
  ...Object.keys(NONE).map((name) => `fetch ${name}`),
];

const lost = (code) => Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error(code), { code }) });

/**
 * One organisation, its API and the identity service. It keeps each request and its outcome in `requests`, for the checks.
 */
export class Xero {
  requests = [];
  /** Tokens that are served, with the instant at which they end. */
  #tokens = new Map();
  /** Tokens that were answered with "expired", with the time of the first such answer. */
  expired = new Map();
  #issued = 0;
  #working = 0;
  #othersAt = 0;
  #calm = false;

  constructor(time, random, course) {
    Object.assign(this, { time, random, course });
    this.minute = new Window(MINUTE, 60, course.phase);
    this.day = new Window(DAY, course.day, course.phase * 1_000);
    this.day.take(0, course.day - course.dayLeft);
  }

  /** From now on no others spend, and nothing goes wrong. */
  calm() {
    this.#calm = true;
  }

  /** The `fetch` of a client; it keeps account of its requests in `client`. */
  fetchOf(client) {
    return (url, init = {}) => this.#fetch(client, String(url), init);
  }

  #fetch(client, url, init) {
    const { time } = this;
    const forToken = url.endsWith("/connect/token");
    const headers = new Headers(init.headers);
    const request = {
      client,
      forToken,
      url: new URL(url),
      method: init.method ?? "GET",
      key: headers.get("idempotency-key"),
      token: headers.get("authorization")?.replace("Bearer ", ""),
      sentAt: time.now(),
      owner: time.owner,
      /** The name of the fault, if any. */
      fault: this.#fault(forToken),
    };
    time.owner?.acts("sends a request");
    this.requests.push(request);
    const { signal } = init;
    if (request.fault === "throws at once") throw new TypeError("fetch is broken");
    signal?.throwIfAborted();
    client.open.add(request);
    const promise = new Promise((resolve, reject) => this.#carry(request, signal, resolve, reject));
    const over = () => client.open.delete(request);
    const aborted = () => {
      over();
      client.active();
    };
    signal?.addEventListener("abort", aborted);
    client.active();
    const settled = () => {
      signal?.removeEventListener("abort", aborted);
      over();
      client.active();
    };
    promise.then(settled, settled);
    return promise;
  }

  /** Brings a request there and its answer back. */
  #carry(request, signal, resolve, reject) {
    const { fault } = request;
    const { time, random, course } = this;
    let ended = false;
    const end = (act) => {
      if (ended || request.owner?.ended) return;
      ended = true;
      act();
    };
    if (!fault?.startsWith("deaf")) signal?.addEventListener("abort", () => end(() => reject(signal.reason)), { once: true });
    const [least, most] = this.#calm ? [20, 200] : course.latency;
    let [there, back] = [random.between(least, most), random.between(least, most)];
    if (!course.disorder) [there, back] = [least, most];
    if (fault === "slow") back += random.between(1_000, 45_000);
    if (fault === "deaf and late") back += random.between(1_000, 400_000);
    if (fault === "silent" || fault === "deaf") return;
    time.after(there, () => {
      if (fault === "reset before") return end(() => reject(lost("ECONNRESET")));
      if (ended) return;
      this.#working += request.forToken ? 0 : 1;
      const answered = fault?.startsWith("fetch ") ? undefined : this.#answer(request);
      request.arrived = true;
      request.status = answered?.status;
      time.after(back, () => {
        this.#working -= request.forToken ? 0 : 1;
        if (fault === "reset after") return end(() => reject(lost("ECONNRESET")));
        end(() => {
          if (!answered) return resolve(NONE[fault.slice(6)]());
          this.#delivered(request, answered, signal);
          resolve(this.#given(request, answered, signal));
        });
      });
    });
  }

  /** Notes what a client learns by an answer, unless it cannot read it. */
  #delivered({ client, token, owner, fault }, { status, headers, body }, signal) {
    const now = this.time.now();
    const asked = headers.find(([name]) => name === "Retry-After")?.[1];
    if (status === 429 || status === 503) client.toldUntil = Math.max(client.toldUntil, now + (Number(asked) * 1_000 || 0));
    const readable = this.course.kind === "native" && !fault?.startsWith("body") && !signal?.aborted;
    // A token that was just renewed for this reason is not renewed again.
    const young = now - (this.#tokens.get(token)?.askedAt ?? now) <= YOUNG;
    if (status === 401 && body.includes("TokenExpired") && readable && !young && !this.expired.has(token)) {
      this.expired.set(token, { at: now, owner });
    }
  }

  #given({ client, fault }, answered, signal) {
    const { course } = this;
    if (fault === "body resets" || fault === "body stalls") {
      const stalls = {};
      const over = () => {
        client.open.delete(stalls);
        client.active();
      };
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(answered.body.slice(0, 5)));
          if (fault === "body resets") return controller.error(lost("ECONNRESET"));
          client.open.add(stalls);
          signal?.addEventListener("abort", () => {
            over();
            controller.error(signal.reason);
          });
        },
        cancel: over,
      });
      return new Response(body, { status: answered.status, headers: answered.headers });
    }
    const kind = this.#calm ? "native" : course.kind;
    return (HONEST[kind] ?? BROKEN[kind])(answered);
  }

  #fault(forToken) {
    const { faults, tokenFaults, oneFaultIn } = this.course;
    const list = forToken ? tokenFaults : faults;
    if (this.#calm || list.length === 0 || !this.random.oneIn(oneFaultIn)) return undefined;
    return this.random.pick(list);
  }

  #answer(request) {
    return request.forToken ? this.#token(request) : this.#api(request);
  }

  #token({ fault, client, sentAt }) {
    if (WRONG[fault]) return WRONG[fault];
    if (REFUSALS[fault]) return answer(429, {}, REFUSALS[fault]);
    if (/^(invalid|unauthorized)_/.test(fault)) return answer(400, { error: fault });
    const token = `token-${client.name}-${++this.#issued}`;
    const { lifetimeS } = this.course;
    this.#tokens.set(token, { askedAt: sentAt, endsAt: this.time.now() + lifetimeS * 1_000 });
    return answer(200, { access_token: token, token_type: "Bearer", expires_in: lifetimeS });
  }

  /** Ends every token before its time. */
  revoke() {
    for (const token of this.#tokens.values()) token.endsAt = this.time.now();
  }

  #api(request) {
    const { fault, token } = request;
    const now = this.time.now();
    this.#others(now);
    if (!(this.#tokens.get(token)?.endsAt > now)) return answer(401, EXPIRED);
    if (WRONG[fault]) return WRONG[fault];
    if (REFUSALS[fault]) return answer(429, {}, REFUSALS[fault]);
    if (this.minute.left(now) === 0) return this.#refused("minute", this.minute, now);
    if (this.day.left(now) === 0) return this.#refused("day", this.day, now);
    if (this.#working > AT_ONCE) return answer(429, {}, REFUSALS["429 concurrent"]);
    this.minute.take(now);
    this.day.take(now);
    request.performed = true;
    return answer(200, { Organisations: [] }, this.#left(now));
  }

  #refused(problem, window, now) {
    const ms = window.endsIn(now);
    const seconds = { up: Math.ceil(ms / 1_000), down: Math.floor(ms / 1_000) }[this.course.rounding];
    const asked = seconds === undefined ? [] : [["Retry-After", String(seconds)]];
    return answer(429, {}, [["X-Rate-Limit-Problem", problem], ...asked, ...this.#left(now)]);
  }

  #left(now) {
    if (!this.course.headers) return [];
    const left = [
      ["X-MinLimit-Remaining", this.minute.left(now)],
      ["X-DayLimit-Remaining", this.day.left(now)],
      ["X-AppMinLimit-Remaining", 9_000],
    ];
    return left.map(([name, count]) => [name, String(count)]);
  }

  /** The number of calls that others have made in this minute since the last look. */
  #others(now) {
    const since = Math.max(this.#othersAt, now - (MINUTE - this.minute.endsIn(now)));
    this.#othersAt = now;
    if (this.#calm) return;
    const spent = ((now - since) * this.course.othersPerMinute) / MINUTE;
    const count = Math.floor(spent) + (this.random.below(1_000) < (spent % 1) * 1_000 ? 1 : 0);
    this.minute.take(now, count);
    this.day.take(now, count);
  }
}
