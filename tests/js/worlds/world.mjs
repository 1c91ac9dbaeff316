/** A random world: clients, their calls, a small Xero, and the conditions that always have to hold. */

import { getEventListeners } from "node:events";
import { inspect } from "node:util";
import { CLIENT_ID, SECRET } from "../support.mjs";
import { Random } from "./random.mjs";
import { Owner, VirtualTime } from "./time.mjs";
import { trap } from "./traps.mjs";
import { Xero } from "./xero.mjs";

const MINUTE = 60_000;
const DAY = 86_400_000;

/** The milliseconds by which a call may end after its deadline. */
const LATE_MS = 100;

/** The longest pause of the client's own making, and the longest wait for a window: after it something is sent. */
const LONGEST_WAIT_MS = MINUTE + 2_000;

/** The time for which a key is used, of the six minutes that Xero knows it. */
const KEY_MS = 5 * MINUTE;

/** The interval at which a waiting call polls where requests are isolated. */
const LOOK_MS = 25;

const isAnswered = ({ value }) => value !== undefined;

/** A call from its beginning to its end. */
class Call extends Owner {
  controller = new AbortController();
  reason = { aborted: true };

  constructor(client, kind, urgent, now) {
    super();
    Object.assign(this, { client, kind, urgent, startedAt: now, startedOrder: 0 });
  }
}

/** Runs the world that `course` describes. Returns the faults that it found. */
export async function live(library, course) {
  const time = new VirtualTime(course);
  try {
    return await new World(library, course, time).run();
  } finally {
    time.end();
  }
}

class World {
  wrong = [];
  calls = [];
  clients = [];
  #calm = false;
  #number = 0;

  constructor(library, course, time) {
    Object.assign(this, { library, course, time });
    this.random = new Random(course.seed + 1_000_000);
    this.xero = new Xero(time, new Random(course.seed + 2_000_000), course.xero);
    for (const [name, options] of course.clients.entries()) this.clients.push(this.#client(name, options));
  }

  async run() {
    const stray = (reason) => this.#fault("a rejection that nobody handles", reason);
    // With `--unhandled-rejections=strict` it is an exception.
    for (const event of ["unhandledRejection", "uncaughtException"]) process.on(event, stray);
    // The test's own seed, so that the pauses of the client repeat as well.
    const { random } = Math;
    const pauses = new Random(this.course.seed + 3_000_000);
    Math.random = () => pauses.next() / 2 ** 32;
    try {
      await this.#day();
      if (this.wrong.length === 0) await this.#nextDay();
      if (this.wrong.length === 0) await this.#end();
    } finally {
      trap(0);
      for (const { xero } of this.clients) xero.close();
      await this.time.still();
      Math.random = random;
      for (const event of ["unhandledRejection", "uncaughtException"]) process.off(event, stray);
    }
    return this.wrong;
  }

  /** Performs the whole course, until every call has ended. */
  async #day() {
    const { time, course } = this;
    const on = (at, act) => time.after(at, () => this.#calm || act());
    for (const load of course.loads) on(load.at, () => this.#load(load));
    for (const { at, byMs } of course.clock) on(at, () => time.setClock(byMs));
    for (const [at, nth] of course.traps) on(at, () => trap(nth));
    for (const at of course.revoked) on(at, () => this.xero.revoke());
    for (const client of this.clients) {
      if (client.options.closesAt !== undefined) on(client.options.closesAt, () => this.#close(client));
    }
    let begun = false;
    time.after(2 * MINUTE + 1, () => (begun = true));
    // It looks now and then where nothing happens, too.
    const looks = setInterval(() => {}, 5_000);
    while (this.wrong.length === 0 && !(begun && this.calls.every((call) => !this.#pending(call)))) {
      time.step();
      await time.still();
      this.#check();
    }
    clearInterval(looks);
    this.#checkAll();
  }

  /** A day later all is well again: no timer is left, and as many calls as may go out at once. */
  async #nextDay() {
    const { time } = this;
    this.#calm = true;
    trap(0);
    this.xero.calm();
    // Tokens go by the clock: one that would have ended while the clock was ahead ends when the clock gets there again.
    const ahead = time.setRight();
    await time.pass(DAY + MINUTE * 60 + Math.abs(ahead));
    for (const client of this.clients) {
      const left = this.#timers(client);
      if (left > 0) this.#fault(`client ${client.name}: ${left} timers are left though nothing waits`);
      if (client.closed) continue;
      const first = this.#start(client, "json", true);
      await time.pass(10_000);
      if (!isAnswered(first)) this.#fault(`client ${client.name} does not recover`, first.error);
      const before = this.#sent();
      const { inFlight } = client.options;
      const calls = Array.from({ length: inFlight }, () => this.#start(client, "fetch", true));
      await time.still();
      const sent = this.#sent() - before;
      if (sent !== inFlight) this.#fault(`client ${client.name}: places are lost, ${sent} of ${inFlight} calls go out at once`);
      await time.pass(MINUTE);
      if (!calls.every(isAnswered)) this.#fault(`client ${client.name}: calls fail though all is well`);
    }
  }

  /** Checks that no timer or request outlives its client. */
  async #end() {
    for (const client of this.clients) {
      this.#close(client);
      const call = this.#start(client, "fetch", false);
      await this.time.still();
      if (call.error?.code !== "closed") this.#fault(`client ${client.name} goes on after it was closed`);
      const left = this.#timers(client);
      if (left > 0) this.#fault(`client ${client.name}: ${left} timers outlive it`);
    }
    for (const { controller, kind } of this.calls) {
      // The platform's own Request listens.
      if (kind === "stuck") continue;
      const left = getEventListeners(controller.signal, "abort").length;
      if (left > 0) this.#fault(`a ${kind} leaves ${left} listeners on its signal`);
    }
  }

  // Clients

  #client(name, options) {
    const { time } = this;
    const client = { name, options, open: new Set(), activeAt: 0, toldUntil: 0, closed: false, events: 0, closes: [] };
    client.active = () => (client.activeAt = time.now());
    const { inFlight, minuteReserve, dayReserve, deadlineMs, timeoutMs, retry, secret, store, listens, folly, idempotencyKeys } = options;
    client.xero = new this.library.CustomConnection({
      clientId: CLIENT_ID,
      clientSecret: secret === "text" ? SECRET : () => this.#secret(client, secret),
      identityUrl: "https://identity.xero.com",
      fetch: this.xero.fetchOf(client),
      limits: options.limits && { inFlight, minuteReserve, dayReserve },
      idempotencyKeys,
      deadlineMs,
      timeoutMs,
      retry,
      ...(store !== "none" && { store: this.#store(client, store) }),
      ...((listens || folly) && { onEvent: (event) => this.#listen(client, event) }),
    });
    return client;
  }

  #secret(client, kind) {
    if (this.#calm || kind === "function") return SECRET;
    if (kind === "throws") throw new RangeError("no secret");
    return this.#slow(client, kind, SECRET);
  }

  #store(client, kind) {
    let kept;
    const kinds = {
      memory: () => ({ load: () => kept, save: (_, token) => void (kept = token), erase: () => void (kept = undefined) }),
      slow: () => ({ load: () => this.#slow(client, kind), save: () => this.#slow(client, kind), erase: () => {} }),
      never: () => ({ load: () => this.#slow(client, kind), save: () => this.#slow(client, kind), erase: async () => {} }),
      throws: () => {
        const fail = () => {
          throw new RangeError("no store");
        };
        const getter = Object.defineProperty({}, "accessToken", { get: fail });
        return { load: () => getter, save: async () => fail(), erase: fail };
      },
    };
    return kinds[kind]();
  }

  /** Gives `value` after some seconds, or never; the client may wait for it as long as for an answer. */
  #slow(client, kind, value) {
    const never = kind === "never" && !this.#calm;
    const ms = never ? client.options.timeoutMs : this.random.between(100, 20_000);
    const { owner } = this.time;
    const waits = { owner };
    client.open.add(waits);
    return new Promise((resolve) => {
      this.time.after(ms, () => {
        client.open.delete(waits);
        client.active();
        if (!never && !owner?.ended) resolve(value);
      });
    });
  }

  #listen(client, event) {
    const { folly } = client.options;
    if (this.#calm || !folly || event.type !== folly.at || ++client.events !== folly.nth) return undefined;
    switch (folly.what) {
      case "close":
        return this.#close(client);
      case "abort":
        for (const call of this.calls) if (call.client === client) this.#abort(call);
        return undefined;
      case "throw":
        throw new RangeError("a listener fails");
      case "reject":
        return Promise.reject(new RangeError("an async listener fails"));
      default:
        return void this.#start(client, folly.what === "call" ? "fetch" : "token", false);
    }
  }

  #close(client) {
    client.closed = true;
    client.xero.close();
    for (const call of this.calls) {
      if (call.client === client && !call.over) this.#hurry(call);
    }
  }

  // Calls

  #load(load) {
    const { random } = this;
    const client = this.clients[load.client % this.clients.length];
    let left = load.calls;
    const next = () => {
      if (left-- <= 0 || this.wrong.length > 0) return;
      const call = this.#start(client, random.pick(load.kinds), random.below(100) < load.urgentInHundred, next);
      const within = random.pick([1, 100, 5_000, 100_000]);
      if (random.below(100) < load.abortsInHundred) this.time.after(random.below(within), () => this.#abort(call));
      if (random.below(100) < load.endsInHundred) this.time.after(random.below(within), () => this.#vanish(call));
    };
    for (let n = 0; n < load.callers; n++) next();
  }

  /** Starts a call and follows it to its end, after which `then` is called. */
  #start(client, kind, urgent, then = () => {}) {
    const { time } = this;
    const call = new Call(client, kind, urgent, time.now());
    const { deadlineMs } = client.options;
    call.endsBy = time.now() + deadlineMs + LATE_MS;
    call.number = ++this.#number;
    this.calls.push(call);
    if (client.closed) this.#hurry(call);
    const end = (how) => {
      Object.assign(call, how, { over: true, endedAt: time.now() });
      this.#judge(call);
      // In a turn of its own: what follows is not the call's doing.
      time.after(0, then);
    };
    time.as(call, () => this.#send(call)).then((value) => end({ value: value ?? null }), (error) => end({ error }));
    return call;
  }

  async #send({ client, kind, urgent, number, controller: { signal } }) {
    const { xero } = client;
    const priority = urgent ? "high" : "auto";
    switch (kind) {
      case "token":
        return xero.token({ signal });
      case "json":
        return xero.json("GET", `/Organisation?call=${number}`, undefined, { signal, priority });
      case "pages": {
        const records = [];
        for await (const record of xero.pages(`/Organisation?call=${number}`, { signal, priority })) records.push(record);
        return records;
      }
      case "json write":
        return xero.json("POST", `/Invoices?call=${number}`, {}, { signal, priority });
      case "stuck": {
        // A body that never comes.
        const body = new ReadableStream();
        const request = new Request(`https://api.xero.com/api.xro/2.0/Invoices?call=${number}`, { method: "POST", body, duplex: "half", signal });
        return xero.fetch(request, { priority });
      }
      case "write":
        return xero.fetch(`/Invoices?call=${number}`, { method: "POST", body: "{}", signal, priority });
      case "keyed": {
        const headers = { "Idempotency-Key": `key-${number}` };
        return xero.fetch(`/Invoices?call=${number}`, { method: "POST", body: "{}", headers, signal, priority });
      }
      default:
        return xero.fetch(`/Organisation?call=${number}`, { signal, priority });
    }
  }

  #abort(call) {
    if (call.over || call.ended) return;
    call.aborted = true;
    this.#hurry(call);
    this.time.as(call, () => call.controller.abort(call.reason));
  }

  /** The call has to end now. */
  #hurry(call) {
    call.endsBy = Math.min(call.endsBy, this.time.now() + (this.course.apart ? LOOK_MS : 0));
  }

  /** The request in which the call was made ends without a word, as it may on an edge network. */
  #vanish(call) {
    if (call.over) return;
    for (const request of call.client.open) if (request.owner === call) call.client.open.delete(request);
    call.end();
    call.client.active();
  }

  #pending(call) {
    return !call.over && !call.ended;
  }

  // Conditions that have to hold

  #fault(what, about) {
    this.wrong.push(`at ${this.time.now()} ms: ${what}${about === undefined ? "" : `: ${inspect(about)}`}`);
  }

  /** Checks the way in which a call ended. */
  #judge(call) {
    const { XeroError } = this.library;
    const { error, client, kind } = call;
    // Of a request that has ended nothing is expected.
    if (call.ended) return;
    if (call.endedAt > call.endsBy) this.#fault(`${this.#name(call)} ends ${call.endedAt - call.endsBy} ms late`);
    if (!("error" in call)) return;
    if (call.aborted && error === call.reason) return;
    if (!(error instanceof XeroError)) return this.#fault(`${this.#name(call)} ends with what is no XeroError`, error);
    const shown = inspect(error) + JSON.stringify(error);
    if (/token-\d/.test(shown) || shown.includes(SECRET)) this.#fault(`${this.#name(call)}: its error shows a token or the secret`);
    if (error.code === "trapped" && this.course.traps.length === 0) this.#fault(`${this.#name(call)}: the core stopped working`);
    if (error.code === "closed" && !client.closed) this.#fault(`${this.#name(call)}: closed, says a client that is not`);
    if (this.course.temper === "calm" && !client.closed) this.#fault(`${this.#name(call)} fails in a calm world, ${kind}`, error);
  }

  /** Looked at each time that everything is still. */
  #check() {
    const now = this.time.now();
    const waits = new Map();
    for (const call of this.calls) {
      if (call.undead.length > 0) this.#fault(`a request that has ended goes on: it ${call.undead.pop()}`);
      if (!this.#pending(call)) continue;
      if (now > call.endsBy) this.#fault(`${this.#name(call)} has not ended when it had to`);
      if (this.course.apart && call.timers.size === 0) this.#fault(`${this.#name(call)} waits and has no timer of its own`);
      const since = waits.get(call.client) ?? now;
      // A stuck call waits for its own body.
      waits.set(call.client, call.kind === "stuck" ? since : Math.min(since, call.startedAt));
    }
    for (const [client, since] of waits) {
      if (this.#timers(client) === 0) this.#fault(`client ${client.name}: calls wait and no timer is set`);
      this.#checkProgress(client, since, now);
    }
    for (const { name, open, options } of this.clients) {
      // At its deadline a call gives its place up and its request, one a millisecond or two after the other.
      const isUnderWay = ({ forToken, owner }) => forToken === false && owner.endsBy - LATE_MS > now + 2;
      const inFlight = [...open].filter(isUnderWay).length;
      if (options.limits && inFlight > options.inFlight && !this.#forgets()) this.#fault(`client ${name}: ${inFlight} calls in flight instead of ${options.inFlight}`);
    }
  }

  /** Checks that a call is sent before long if calls wait, none is in flight and there is no pause. */
  #checkProgress({ name, open, activeAt, toldUntil, options }, since, now) {
    if (open.size > 0 || this.course.xero.kind === "text that never comes") return;
    // The place of a request that ended without a word is free again after twice the time of an attempt.
    const vanished = this.calls.some((call) => call.ended && call.client.name === name);
    const still = Math.max(activeAt, since) + (vanished ? 2 * options.timeoutMs + LOOK_MS : 0);
    if (now > Math.max(still + LONGEST_WAIT_MS, Math.min(toldUntil, still + DAY) + 2_000)) {
      const waiting = this.calls.filter((call) => call.client.name === name && this.#pending(call)).length;
      this.#fault(`client ${name}: ${waiting} calls wait and nothing was sent for ${now - still} ms`);
    }
  }

  /** Looked at when every call has ended. */
  #checkAll() {
    const { expired, requests } = this.xero;
    const sends = new Map();
    const keys = new Map();
    for (const request of requests) {
      const { forToken, key, method, url, token, sentAt, status } = request;
      if (forToken) continue;
      const first = keys.get(key) ?? sentAt;
      keys.set(key, first);
      if (key !== null && sentAt > first + KEY_MS) this.#fault(`${key} is sent again ${sentAt - first} ms after it was sent first`);
      const dead = expired.get(token);
      if (dead && !this.#forgets() && sentAt > dead.at && !dead.owner?.aborted) this.#fault(`sent with ${token} at ${sentAt} ms, which Xero called expired at ${dead.at} ms`);
      if (method !== "GET" && key === null && status !== 401) {
        const call = url.searchParams.get("call");
        sends.set(call, (sends.get(call) ?? 0) + 1);
        if (sends.get(call) > 1) this.#fault(`the write ${call}, which has no key, is sent twice`);
        const { error } = this.calls[call - 1];
        if (request.performed && error?.retryable) this.#fault(`the write ${call}, which has no key, was carried out and is called retryable`, error);
      }
    }
    if (this.course.temper === "calm") this.#checkDrain();
  }

  /** In a calm world the calls take the minutes that they need and one more, and one refusal is asked for. */
  #checkDrain() {
    const refused = this.xero.requests.filter(({ status }) => status === 429).length;
    if (refused > 1) this.#fault(`${refused} calls were refused for a limit`);
    const [client] = this.clients;
    const { minuteReserve, inFlight } = client.options;
    const last = Math.max(...this.calls.map(({ endedAt }) => endedAt));
    const from = Math.max(...this.course.loads.map(({ at }) => at));
    const each = Math.max(...this.course.xero.latency) * 2;
    const minutes = Math.ceil(this.calls.length / (60 - Math.min(minuteReserve, 30))) + 1;
    // Without headers a minute that may have turned is tried by one call at a time.
    const callers = this.course.xero.headers ? Math.min(inFlight, ...this.course.loads.map(({ callers }) => callers)) : 1;
    const most = from + minutes * MINUTE + (this.calls.length * (each + 50)) / callers + 5_000;
    if (last > most) this.#fault(`the calls took ${last} ms instead of at most ${most} ms`);
  }

  #sent() {
    return this.xero.requests.filter(({ forToken }) => !forToken).length;
  }

  /** Returns true if the core was replaced and has therefore lost its knowledge. */
  #forgets() {
    return this.course.traps.length > 0;
  }

  #timers(client) {
    return this.calls.reduce((sum, call) => sum + (call.client === client ? call.timers.size : 0), 0);
  }

  #name(call) {
    return `call ${call.number} (${call.kind} of client ${call.client.name}, from ${call.startedAt} ms)`;
  }
}
