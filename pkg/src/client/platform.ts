/** What the types of a reader's platform may lack: neither Node's nor those of `lib: es2022` have all of it. */

// For `using`. A library that is referred to is there with any `lib`.
/// <reference lib="esnext.disposable" preserve="true" />

/** Headers as `fetch` takes them: DOM has a name for it, and Node's types have none. */
export type HeadersLike = NonNullable<RequestInit["headers"]>;

/** A `WebAssembly.Module`, or its bytes in an `ArrayBuffer` or a view of one. Types of Node have no names for these. */
export type CoreModule = object;
