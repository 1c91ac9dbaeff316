/** The messages between the page and its worker. */

import type { AppKind, Catalogue, IgnoredLines, ParsedScopes, RecordedBasis, RecordedOperations, ResolvedCall, Review, UnresolvedCall } from "xero-m2m/policy";

export type { WatchedTime } from "xero-m2m/policy";

/** The calls of a file, or of a long paste. The text itself is not kept. */
export interface Trace {
  /** The name of the file; absent for the text of the box. */
  name?: string;
  calls: ResolvedCall[];
  unresolved: UnresolvedCall[];
  ignored: IgnoredLines;
  /** The recordings that were read in it; absent if there are none. */
  recorded?: RecordedBasis;
  /** The number of further places that were not read, as a link counts them. */
  unread?: number;
}

/** A call with the name of its file; a call of the box has none. */
export type FoundCall = ResolvedCall & { file?: string };
export type OpenCall = UnresolvedCall & { file?: string };

/** Facts about the connection, and the day of the answer. */
export interface Facts {
  /** The kind of app; absent for a custom connection. */
  app?: Exclude<AppKind, "custom">;
  createdOn?: string;
  region?: "AU" | "NZ" | "UK" | "US" | "other";
  demo?: boolean;
  authorisingUser?: string;
  /** The plan switches the connection to another organisation. */
  organisation?: "switch";
  on: string;
}

/** Everything that an answer depends on. */
export interface Question extends Facts {
  /** The scopes, as pasted. */
  scopes: string;
  /** The calls, as pasted. */
  calls: string;
  traces: Trace[];
  /** For the text of an unresolved call, the key of the operation that the user chose for it. */
  taken: Record<string, string>;
  /** The smallest set that the plan leads to: 0 for the first, then the alternatives. */
  choice: number;
  /** The author of the e-mail. */
  sender?: string;
}

/** The question in names of the catalogue. */
export interface Asked extends Facts {
  scopes: string[];
  /** Keys of operations. */
  calls: string[];
  /** Those of them that were found without a method, so that GET is assumed. */
  assumed: string[];
  /** The number of places that use Xero and were not read, or are not in the catalogue. */
  unread: number;
  /** The recordings that some of them come from; absent if there are none. */
  recorded?: RecordedOperations;
}

/** Everything that the page shows. */
export interface Answer extends Review {
  asked: Asked;
  parsed: ParsedScopes;
  /** The calls as they were found. */
  found: FoundCall[];
  /** Calls that the catalogue does not have, and for which the user has not chosen an operation. */
  unresolved: OpenCall[];
  /** Those for which the user has chosen one: the text, and the key of the operation. */
  taken: [string, string][];
  ignored: IgnoredLines;
}

/** To the worker. */
export type Request = { id: number; ask: Question } | { id: number; read: Blob | string; name: string };

/** From the worker. */
export type Reply =
  | { ready: Catalogue }
  | { id: number; answer: Answer }
  | { id: number; progress: number }
  | { id: number; trace: Trace }
  | { id: number; refused: string };
