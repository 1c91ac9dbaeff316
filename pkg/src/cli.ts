#!/usr/bin/env node
import { version } from "./simulator.js";

console.log(`xero-m2m ${version}`);
