/** Texts that a person gives: scopes and calls. */

/** Scopes: a list of names, or a text that has them, in any form that `parseScopes` reads. */
export type Scopes = string | readonly string[];

/** A text with the name of its file, whose ending helps to recognise the kind of text. */
export interface NamedText {
  /** A file name or a path, such as `xero.log` or `src/invoices.py`. */
  name?: string | undefined;
  text: string;
  /**
   * True for a file that was found in a folder rather than named: a description of Xero's API in it (OpenAPI) is then
   * ignored, because it lists the operations of Xero and not the calls of a program. Default: `false`.
   */
  found?: boolean | undefined;
  /**
   * True for a file that could not be read: `text` is then empty, and the answer counts a place that was not read, so that
   * no scope is called unused. Default: `false`.
   */
  unread?: boolean | undefined;
}

/**
 * Calls, in one text or in several, such as files: `GET /Invoices`, URLs, `curl` commands, logs, tables, operation ids, HAR
 * files, collections of Postman, Insomnia and Bruno, OpenAPI files, workflows, and code with or without an SDK. One text may
 * mix them.
 */
export type Calls = string | readonly (string | NamedText)[];
