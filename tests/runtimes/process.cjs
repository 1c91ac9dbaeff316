// The package by `require`, as old scripts load it; the suite is a module.
const { CustomConnection } = require("xero-m2m");
const { parseScopes } = require("xero-m2m/policy");
require("xero-m2m/simulator");

if (typeof CustomConnection !== "function" || typeof parseScopes !== "function") throw new Error("it exports nothing");
import("./process.mjs");
