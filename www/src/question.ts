/** What the page asks its worker, and what the worker says. */

import type { Catalogue, IgnoredLines, ResolvedCall, UnresolvedCall } from "xero-m2m/policy";
import type { Answer } from "./answer.js";

/** What was found in a file, or in a long paste. The text itself is not kept. */
export interface Trace {
  name: string;
  calls: ResolvedCall[];
  unresolved: UnresolvedCall[];
  ignored: IgnoredLines;
  /** How many places were not read besides, where a link says so. */
  unread?: number;
}

/** What is known of the connection. */
export interface Facts {
  createdOn?: string;
  region?: "AU" | "NZ" | "UK" | "US" | "other";
  demo?: boolean;
  authorisingUser?: string;
}

/** Everything an answer depends on. */
export interface Question extends Facts {
  /** The scopes, as pasted. */
  scopes: string;
  /** The calls, as pasted. */
  calls: string;
  traces: Trace[];
  /** For the text of an unresolved call, the key of the operation that it stands for. */
  taken: Record<string, string>;
  /** Which of the smallest sets the plan leads to: 0 for the first, then the alternatives. */
  choice: number;
  /** Who writes the e-mail. */
  sender?: string;
  /** The day of the answer. */
  on: string;
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
