// The careful one with the time limit in one word. Its timer stays for all of the 30 seconds.
import make from "./by-hand.mjs";

export default () => make((send) => send(AbortSignal.timeout(30_000)));
