/** What `xero-m2m/user` exports, once its core is there. */

export { UserConnection, type UserConnectionOptions, type UserEvent } from "./user.js";
export type { Organisation } from "../vault/core.js";
export type { VaultEvent } from "../vault/vault.js";
/** @internal For the other entries of this package. */
export { kinds } from "../vault/core.js";
/** @internal For the connection of an app. */
export { TENANT } from "./session.js";
/** @internal For the connection of an app. */
export { withoutTenant } from "./user.js";
/** @internal For the client. */
export { joinFleet } from "../vault/fleet.js";
/** @internal For the doctor and the command line. */
export { type FleetState, fleetState } from "../vault/fleet-state.js";
/** @internal For the command line. */
export { type Asked, type Judged, type Waiting, login } from "../vault/login.js";
/** @internal For the command line. */
export { LoginGrant, Vault, type VaultState } from "../vault/vault.js";
