/**
 * The types of calls to APIs that a client was given as a type: `new CustomConnection<AccountingApi>(…)`. There is nothing to run.
 *
 * A path is found segment by segment in the tree of an API, so that each call costs the compiler a few steps, however many paths there
 * are. Anything else has the type it has without an API.
 */

import type { CallInit } from "./request.js";

/** One of Xero's APIs as a type, from `xero-m2m/types/…`; several are joined with `&`. */
export interface XeroApi {
  /** The paths that an editor offers. */
  readonly paths: object;
  /** The paths by their segments. */
  readonly tree: object;
}

/** No API: every answer is `unknown` until it is given a type. */
export interface Untyped extends XeroApi {
  readonly paths: {};
  readonly tree: {};
}

/** What `json` takes beside its other arguments. */
export type JsonInit = Omit<CallInit, "method" | "body">;

/** Any path, if there is no API: then a call costs the compiler what it always did. */
export type Untouched<Api extends XeroApi> = [keyof Api["paths"]] extends [never] ? string | URL : never;

/** A path of an API, as a text or a template such as `` `/Invoices/${id}` ``, with its query. Without an API there is none. */
export type Path<Api extends XeroApi> = [keyof Api["paths"]] extends [never] ? never : (keyof Api["paths"] & string) | (string & {});

/** Any text, if there is an API. */
export type Place<Api extends XeroApi> = [keyof Api["paths"]] extends [never] ? never : string;

/** The methods of a path that take its query; in the place of one that does not, a text with the reason. */
export type Methods<Api extends XeroApi, P> = P extends `${string}{${infer Name}}${string}`
  ? `put a value in the place of {${Name}}`
  : MethodsOf<Item<Api, P>, Query<P>>;

/** The JSON body of a call. */
export type Body<Api extends XeroApi, M extends string, P> = BodyOf<Operation<Api, M, P>>;

/** The JSON of a successful answer; `undefined` if it has none. */
export type Answer<Api extends XeroApi, M extends string, P> = AnswerOf<Operation<Api, M, P>>;

/** The answer of `json`. Xero answers a call with its own headers by 304, without a body, if one of them asks for changes alone. */
export type JsonAnswer<Api extends XeroApi, M extends string, P, Init> =
  | Answer<Api, M, P>
  | (Init extends { headers: {} } ? undefined : never);

/** A record of a list: under the name of its resource, under `items`, or in the only list that the answer has. */
export type RecordOf<Api extends XeroApi, P> = RecordIn<Answer<Api, "GET", P>, Resource<P>>;

/** The path of a list, or a text with the mistake in it. */
export type Walked<Api extends XeroApi, P> = [Item<Api, P>] extends [never]
  ? never
  : P extends `${string}{${infer Name}}${string}`
    ? `put a value in the place of {${Name}}`
    : [Misnamed<Query<P>, Operation<Api, "GET", P>>] extends [never]
      ? P
      : `GET has no query parameter ${Misnamed<Query<P>, Operation<Api, "GET", P>>}`;

/** Any path that the API does not have; any path, if the compiler does not know its text or the method. */
export type Elsewhere<Api extends XeroApi, M, P> = [Item<Api, P>] extends [never]
  ? P
  : string extends P | M
    ? P
    : "the method, the query or the body does not fit this path";

/** A `Response` whose JSON is known if it is a success. */
export type Reply<Body> = ({ readonly ok: true; json(): Promise<Body> } & Response) | ({ readonly ok: false; json(): Promise<unknown> } & Response);

/** The type of `fetch` for an API. */
export type Fetch<Api extends XeroApi> = [keyof Api["paths"]] extends [never]
  ? (input: string | URL | Request, init?: CallInit) => Promise<Response>
  : {
      // Never called: an editor takes the paths that it offers from here.
      (input: Path<Api>, init: never): Promise<Response>;
      <const P extends string | URL | Request, const M extends string = "GET">(
        input: Fetched<Api, M, P>,
        init?: CallInit & { method?: M },
      ): Promise<Replied<Api, M, P>>;
    };

type Fetched<Api extends XeroApi, M extends string, P> = [Item<Api, P>] extends [never]
  ? P
  : string extends M
    ? P
    : M extends Methods<Api, P>
      ? P
      : Wrong<Methods<Api, P>, M>;

/** The text with the reason why there is no method, or that the path has none of this name. */
type Wrong<Known, M extends string> = Extract<Known, `${string} ${string}`> extends infer Text ? ([Text] extends [never] ? `the path has no method ${M}` : Text) : never;

type Replied<Api extends XeroApi, M extends string, P> = [Operation<Api, M, P>] extends [never] ? Response : Reply<Answer<Api, M, P>>;

/** The methods of a path, and their operations. */
type Item<Api extends XeroApi, P> = P extends string ? Found<Api["tree"], Trimmed<P>> : never;

type Operation<Api extends XeroApi, M extends string, P> = Item<Api, P> extends infer I ? (I extends unknown ? I[Lowercase<M> & keyof I] : never) : never;

/** A path without its query and the slash at its beginning. */
type Trimmed<P extends string> = WithoutQuery<P> extends `/${infer Rest}` ? Rest : WithoutQuery<P>;
type WithoutQuery<P extends string> = P extends `${infer Place}?${string}` ? Place : P;

type Found<Node, P extends string> = Node extends unknown
  ? P extends `${infer Segment}/${infer Rest}`
    ? Found<Child<Node, Segment>, Rest>
    : Leaf<Child<Node, P>>
  : never;

type Leaf<Node> = Node extends { "": infer I } ? I : never;

/** The nodes that a segment may lead to: several, if its text is not known and it stands where names and ids do. */
type Child<Node, Segment extends string> = Segment extends keyof Node
  ? Node[Segment]
  : Node extends { "{}": infer Below }
    ? {} extends Record<Segment, unknown>
      ? Node[Exclude<keyof Node, "">]
      : Below
    : never;

type MethodsOf<I, Q extends string> = I extends unknown ? { [K in keyof I & string]: Fitting<Uppercase<K>, Misnamed<Q, I[K]>> }[keyof I & string] : never;
type Fitting<M extends string, Wrong extends string> = [Wrong] extends [never] ? M : `${M} has no query parameter ${Wrong}`;

/** The query of a path, or nothing. */
type Query<P> = P extends `${string}?${infer Q}` ? Q : "";

/** The names in a query that the operation has no parameter for. */
type Misnamed<Q extends string, Op> = Q extends `${infer First}&${infer Rest}` ? MisnamedIn<First, Op> | Misnamed<Rest, Op> : MisnamedIn<Q, Op>;
type MisnamedIn<Part extends string, Op> = Part extends `${infer Name}=${string}` ? Exclude<Known<Name>, QueryNames<Op>> : never;
type Known<Name extends string> = {} extends Record<Name, unknown> ? never : Name;
type QueryNames<Op> = Op extends { parameters: { query?: infer Given } } ? keyof NonNullable<Given> : never;

type Json<Content> = Content extends { "application/json": infer Body } ? Body : unknown;

type BodyOf<Op> = Op extends { requestBody?: infer Body } ? (NonNullable<Body> extends { content: infer Content } ? Json<Content> : undefined) : undefined;

type Success = 200 | 201 | 202 | 204 | 207;
type AnswerOf<Op> = Op extends { responses: infer Responses } ? AnswerIn<Responses[keyof Responses & Success]> : never;
type AnswerIn<Response> = Response extends { content: infer Content } ? Json<Content> : undefined;

type RecordIn<Body, Name extends string> = Body extends readonly (infer R)[]
  ? R
  : Body extends object
    ? ElementOf<Body[Named<Body, Name> extends never ? (Named<Body, "items"> extends never ? Lists<Body> : Named<Body, "items">) : Named<Body, Name>]>
    : unknown;
type Named<Body, Name extends string> = { [K in Lists<Body>]: Lowercase<K & string> extends Lowercase<Name> ? K : never }[Lists<Body>];
type Lists<Body> = { [K in keyof Body]-?: NonNullable<Body[K]> extends readonly unknown[] ? K : never }[keyof Body];
type ElementOf<List> = NonNullable<List> extends readonly (infer R)[] ? R : unknown;

/** The last segment of a path. */
type Resource<P> = P extends string ? LastOf<Trimmed<P>> : never;
type LastOf<P extends string> = P extends `${string}/${infer Rest}` ? LastOf<Rest> : P;
