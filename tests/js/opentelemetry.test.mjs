// A client's events in the official SDK of OpenTelemetry.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { telemetry } from "xero-m2m/opentelemetry";
import { memory, withFleet } from "xero-m2m/shared";
import { client, failure, granted, json, local, refused, stub } from "./support.mjs";

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

/** A listener for a client, and the spans and metrics that it reported to the SDK. */
function observed(t, attributes) {
  const spans = new InMemorySpanExporter();
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 });
  const meters = new MeterProvider({ readers: [reader] });
  t.after(() => Promise.all([tracers.shutdown(), meters.shutdown()]));
  const [tracer, meter] = [tracers.getTracer("test"), meters.getMeter("test")];
  return {
    tracer,
    onEvent: telemetry({ tracer, meter, attributes }),
    spans: () => spans.getFinishedSpans(),
    /** The measurements of an instrument: their attributes, and count and sum, or value. */
    async points(name) {
      await meters.forceFlush();
      const [{ scopeMetrics }] = exporter.getMetrics().slice(-1);
      const found = scopeMetrics.flatMap(({ metrics }) => metrics).find(({ descriptor }) => descriptor.name === name);
      return (found?.dataPoints ?? []).map(({ attributes, value }) => [attributes, value.count ?? value, value.sum]);
    },
  };
}

test("a call is a span in the context of its caller", async (t) => {
  const seen = observed(t, { "service.part": "billing" });
  const { xero } = await local(t, { onEvent: seen.onEvent }, { limits: true });
  const parent = seen.tracer.startSpan("job");
  await context.with(trace.setSpan(context.active(), parent), () => xero.json("GET", "/Invoices?page=1"));
  const [span, ...others] = seen.spans();
  assert.equal(others.length, 0);
  assert.deepEqual([span.name, span.kind], ["GET accounting.getInvoices", SpanKind.CLIENT]);
  assert.equal(span.parentSpanContext.spanId, parent.spanContext().spanId);
  const { "xero.correlation_id": id, ...rest } = span.attributes;
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(rest, {
    "service.part": "billing",
    "http.request.method": "GET",
    "http.response.status_code": 200,
    "xero.operation": "accounting.getInvoices",
  });
  assert.equal(span.status.code, SpanStatusCode.UNSET);
  const [[attributes, count, sum]] = await seen.points("xero.request.duration");
  assert.deepEqual(attributes, {
    "service.part": "billing",
    "http.request.method": "GET",
    "http.response.status_code": 200,
    "xero.operation": "accounting.getInvoices",
  });
  assert.equal(count, 1);
  // Seconds, not milliseconds.
  assert.ok(sum < 10);
  assert.deepEqual(
    (await seen.points("xero.limit.remaining")).map(([{ "xero.limit": limit }]) => limit),
    ["minute", "day", "app_minute"],
  );
  assert.deepEqual((await seen.points("xero.limit.remaining"))[0].slice(0, 2), [
    { "service.part": "billing", "xero.limit": "minute" },
    59,
  ]);
  assert.deepEqual(await seen.points("xero.token.requests"), [[{ "service.part": "billing" }, 1, undefined]]);
  assert.equal((await seen.points("xero.queue.duration"))[0][1], 1);
});

test("a call that is sent again is as many spans", async (t) => {
  const seen = observed(t);
  const api = (_, n) => {
    if (n === 1) throw Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNRESET" } });
    return n === 2 ? new Response("", { status: 503 }) : json({});
  };
  await client(t, { onEvent: seen.onEvent, retry: 3, fetch: stub({ api }).fetch }).json("GET", "/Organisation");
  assert.deepEqual(
    seen
      .spans()
      .map(({ attributes, status }) => [
        attributes["http.request.resend_count"],
        attributes["http.response.status_code"],
        attributes["error.type"],
        status.code,
      ]),
    [
      [undefined, undefined, "offline", SpanStatusCode.ERROR],
      [1, 503, "503", SpanStatusCode.ERROR],
      [2, 200, undefined, SpanStatusCode.UNSET],
    ],
  );
  assert.deepEqual(
    (await seen.points("xero.request.retries")).map(([{ "error.type": type }, times]) => [type, times]),
    [
      ["offline", 1],
      ["503", 1],
    ],
  );
});

test("a call that ends without an answer is a failure, and its span ends", async (t) => {
  const seen = observed(t);
  const controller = new AbortController();
  const api = () => (controller.abort(), new Promise(() => {}));
  const xero = client(t, { onEvent: seen.onEvent, fetch: stub({ api }).fetch });
  await failure(xero.fetch("/Organisation", { signal: controller.signal }));
  assert.deepEqual(
    seen.spans().map(({ attributes }) => attributes["error.type"]),
    ["aborted"],
  );
  assert.deepEqual(await seen.points("xero.call.failures"), [[{ "error.type": "aborted" }, 1, undefined]]);

  const none = observed(t);
  await failure(
    client(t, { onEvent: none.onEvent, fetch: stub({ token: () => refused("invalid_client") }).fetch }).fetch(
      "/Organisation",
    ),
  );
  assert.equal(none.spans().length, 0);
  assert.deepEqual(await none.points("xero.token.requests"), [[{ "error.type": "invalid_client" }, 1, undefined]]);
});

test("pauses, and tokens that were found in the store", async (t) => {
  const seen = observed(t);
  const headers = { "x-rate-limit-problem": "minute", "retry-after": "50" };
  const { fetch } = stub({ token: () => granted(), api: () => new Response("", { status: 429, headers }) });
  const now = Date.now();
  const store = {
    load: () => ({ accessToken: "kept", obtainedAt: now, expiresAt: now + 1_800_000 }),
    save() {},
    erase() {},
  };
  await client(t, { onEvent: seen.onEvent, deadlineMs: 5_000, fetch, store }).fetch("/Organisation");
  assert.deepEqual(await seen.points("xero.limit.pauses"), [[{ "xero.limit": "minute" }, 1, undefined]]);
  assert.deepEqual(await seen.points("xero.token.requests"), []);
});

test("a fleet: tokens of other processes, and a store that is away", async (t) => {
  const store = memory();
  const { fetch } = stub();
  await client(t, { fleet: store, fetch }).fetch("/Organisation");
  const seen = observed(t, { "service.part": "billing" });
  await client(t, { onEvent: seen.onEvent, fleet: store, fetch }).fetch("/Organisation");
  const own = { "service.part": "billing" };
  assert.deepEqual(await seen.points("xero.fleet.tokens"), [[own, 1, undefined]]);
  assert.deepEqual(await seen.points("xero.fleet.connected"), [[own, 1, undefined]]);
  assert.deepEqual(await seen.points("xero.fleet.outages"), []);
  const [[attributes, calls]] = await seen.points("xero.fleet.calls");
  assert.deepEqual(attributes, own);
  assert.ok(calls >= 1, `${calls} calls were leased`);
  assert.deepEqual(await seen.points("xero.token.requests"), []);

  const alone = observed(t);
  const away = withFleet({ durable: false, swap: () => Promise.reject(new Error("away")) });
  await client(t, { onEvent: alone.onEvent, fleet: away, fetch }).fetch("/Organisation");
  assert.deepEqual(await alone.points("xero.fleet.outages"), [[{}, 1, undefined]]);
  assert.deepEqual(await alone.points("xero.fleet.connected"), [[{}, 0, undefined]]);
  assert.deepEqual(await alone.points("xero.fleet.calls"), []);
  assert.deepEqual(await alone.points("xero.token.requests"), [[{}, 1, undefined]]);
});
