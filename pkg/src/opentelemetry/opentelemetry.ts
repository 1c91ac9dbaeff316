/**
 * OpenTelemetry for a client: a span for each request to Xero, and metrics. Needs `@opentelemetry/api`, an optional peer.
 *
 * @module
 */

import {
  type Attributes,
  type Meter,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  metrics,
  trace,
} from "@opentelemetry/api";
import { type XeroEvent, version } from "xero-m2m";

/** Options; the defaults are the global providers. */
export interface TelemetryOptions {
  /** Makes the spans. */
  tracer?: Tracer | undefined;
  /** Makes the instruments. */
  meter?: Meter | undefined;
  /** Attributes of every span and measurement, such as the name of the connection. */
  attributes?: Attributes | undefined;
}

/**
 * Returns a listener for the option `onEvent`. Each client needs its own, because calls are identified by their numbers.
 *
 * Spans, of kind client, in the context of the call: one for each request sent, named by its method and operation
 * (`GET accounting.getInvoices`), with `http.request.method`, `http.response.status_code`, `error.type`,
 * `http.request.resend_count`, `xero.operation` and `xero.correlation_id`.
 *
 * Metrics, durations in seconds:
 *
 * - `xero.request.duration` histogram: from sending a request to its response
 * - `xero.queue.duration` histogram: the time that calls waited for Xero's limits
 * - `xero.request.retries`, `xero.call.failures` counters, with `error.type`: a status or an error code
 * - `xero.token.requests` counter, with `error.type` if there was no token
 * - `xero.limit.remaining` gauge, with `xero.limit`: `minute`, `day` or `app_minute`
 * - `xero.limit.pauses` counter, with `xero.limit`
 * - `xero.fleet.connected` gauge: 1 while the store of the fleet answers, 0 while it is away
 * - `xero.fleet.outages` counter: the times at which it was found away
 * - `xero.fleet.tokens` counter: tokens of other processes that were adopted, each in place of a token request
 * - `xero.fleet.calls` counter: calls of Xero's limits that the fleet let this process send
 *
 * @example
 * ```ts
 * import { CustomConnection } from "xero-m2m";
 * import { telemetry } from "xero-m2m/opentelemetry";
 *
 * const xero = new CustomConnection({ clientId, clientSecret, onEvent: telemetry() });
 * ```
 */
export function telemetry(options: TelemetryOptions = {}): (event: XeroEvent) => void {
  const { attributes = {} } = options;
  const tracer = options.tracer ?? trace.getTracer("xero-m2m", version);
  const meter = options.meter ?? metrics.getMeter("xero-m2m", version);
  const seconds = (name: string, description: string) => meter.createHistogram(name, { description, unit: "s" });
  const count = (name: string, description: string) => {
    const counter = meter.createCounter(name, { description });
    return (more: Attributes, number = 1) => counter.add(number, { ...attributes, ...more });
  };
  const took = seconds("xero.request.duration", "From sending a request to Xero to its answer");
  const waited = seconds("xero.queue.duration", "How long calls waited for room in Xero's limits");
  const retried = count("xero.request.retries", "Requests that were sent again");
  const failed = count("xero.call.failures", "Calls that ended without an answer");
  const tokens = count("xero.token.requests", "What came of token requests");
  const paused = count("xero.limit.pauses", "Pauses that Xero asked for");
  const outages = count("xero.fleet.outages", "Times at which the store of the fleet was found away");
  const adopted = count("xero.fleet.tokens", "Tokens of other processes that were adopted");
  const leased = count("xero.fleet.calls", "Calls that the fleet let this process send");
  const connected = meter.createGauge("xero.fleet.connected", { description: "1 while the store of the fleet answers, 0 while it is away" });
  const remaining = meter.createGauge("xero.limit.remaining", { description: "Calls left, as Xero said last" });

  /** The requests that are under way, by the number of their call. */
  const sent = new Map<number, { span: Span; what: Attributes }>();
  const end = (call: number, at: number, more: Attributes, failure?: string): Attributes | undefined => {
    const request = sent.get(call);
    if (!request) return undefined;
    sent.delete(call);
    request.span.setAttributes(more);
    if (failure !== undefined)
      request.span.setAttribute("error.type", failure).setStatus({ code: SpanStatusCode.ERROR });
    request.span.end(at);
    return request.what;
  };

  return (event) => {
    const { at } = event;
    switch (event.type) {
      case "call.admitted":
        waited.record(event.waitedMs / 1_000, attributes);
        break;
      case "call.sent": {
        const { call, attempt, method, operation } = event;
        const what = { "http.request.method": method, ...(operation && { "xero.operation": operation }) };
        const span = tracer.startSpan(operation ? `${method} ${operation}` : method, {
          kind: SpanKind.CLIENT,
          startTime: at,
          attributes: { ...attributes, ...what, ...(attempt > 1 && { "http.request.resend_count": attempt - 1 }) },
        });
        sent.set(call, { span, what });
        break;
      }
      case "call.answered": {
        const { call, status, tookMs, correlationId } = event;
        const answer = { "http.response.status_code": status };
        const wrong = status >= 400 ? String(status) : undefined;
        const what = end(
          call,
          at,
          { ...answer, ...(correlationId && { "xero.correlation_id": correlationId }) },
          wrong,
        );
        took.record(tookMs / 1_000, { ...attributes, ...what, ...answer, ...(wrong && { "error.type": wrong }) });
        break;
      }
      case "call.retried":
        retried({ "error.type": String(event.why) });
        if (typeof event.why === "string") end(event.call, at, {}, event.why);
        break;
      case "call.failed":
        failed({ "error.type": event.code });
        end(event.call, at, {}, event.code);
        break;
      case "token.renewed":
        // A token from the store was not requested.
        if (event.secret !== undefined) tokens({});
        break;
      case "token.refused":
        tokens({ "error.type": event.code });
        break;
      case "limit.learnt": {
        const { minuteLeft, dayLeft, appMinuteLeft } = event;
        for (const [limit, left] of Object.entries({ minute: minuteLeft, day: dayLeft, app_minute: appMinuteLeft })) {
          if (left !== undefined) remaining.record(left, { ...attributes, "xero.limit": limit });
        }
        break;
      }
      case "limit.paused":
        paused({ "xero.limit": event.why });
        break;
      case "fleet.joined":
      case "fleet.back":
        connected.record(1, attributes);
        break;
      case "fleet.away":
        outages({});
        connected.record(0, attributes);
        break;
      case "fleet.token":
        adopted({});
        break;
      case "limit.leased":
        leased({}, event.calls);
        break;
    }
  };
}
