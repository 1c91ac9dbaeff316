/** A store that several processes share: the one operation that it needs. */

/** A swap of one document. */
export interface Turn {
  /** The name of the document: letters, digits and `:{}`, at most 100 characters. */
  readonly key: string;
  /** The version that has to be there: 0 if there is no document yet, -1 to look only. */
  readonly version: number;
  /** The instant by the store's clock, as far as the sender knows it, in milliseconds since 1970. */
  readonly at: number;
  /** The most by which the store's clock may differ from `at`, in milliseconds. A swap that comes later changes nothing. */
  readonly slackMs: number;
  /** The document to put: a text of at most 16,384 characters that begins with a letter. Absent if `version` is -1. */
  readonly document?: string;
  /** The milliseconds after which the document may be forgotten; 0 keeps it for ever. */
  readonly ttlMs: number;
}

/** The answer to a swap. */
export interface Found {
  /** The document was put. */
  readonly swapped: boolean;
  /** The version of the document that is there now; 0 if there is none. */
  readonly version: number;
  /** The document that is there now. It may be absent if it was put by this swap. */
  readonly document?: string | undefined;
  /** The instant by the store's clock, in milliseconds since 1970. */
  readonly at: number;
}

/**
 * A store that several processes share. An adapter has one method, a compare-and-swap of a small text, and keeps this contract:
 *
 * - S1: a swap is atomic. Of several that name the same version, one puts its document.
 * - S2: versions only grow, also after a document was forgotten: the next is `max(version + 1, now in milliseconds)`.
 * - S3: if another version is there, or the store's clock differs from `at` by more than `slackMs`, nothing changes, and the answer
 *   has the document that is there.
 * - S4: `at` of the answer is the store's own clock, or that of the machine if the store belongs to the machine.
 * - S5: a document comes back as it was put.
 * - S6: a document is there for at least `ttlMs`, or for ever if that is 0.
 * - S7: `durable` is true only if a document that was acknowledged survives the loss of every process and of the store's memory.
 *   No test can see that from outside.
 *
 * {@link checkSharedStore} tests S1 to S6.
 */
export interface SharedStore {
  /** See S7. Only a durable store can keep the tokens of a login. */
  readonly durable: boolean;
  /** Puts a document in the place of the one with the version `turn.version`, or returns the one that is there. */
  swap(turn: Turn): Promise<Found>;
}

/** @internal The member of a store that cannot be that of a fleet: it throws the reason. */
export const REFUSE = Symbol.for("xero-m2m.no-fleet");

/** @internal A store that may have it. */
export type Refusing = SharedStore & { [REFUSE]?: () => never };
