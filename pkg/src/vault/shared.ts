/**
 * Stores that several processes share: the interface that an adapter has, a check of it, and a store for tests.
 *
 * @module
 */

export { checkSharedStore } from "./check.js";
export { withFleet } from "./fleet-loader.js";
export { type MemoryOptions, memory } from "./memory.js";
export type { Found, SharedStore, Turn } from "./store.js";
