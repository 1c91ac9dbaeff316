import xero = require("xero-m2m");

const text: string = xero.version;
// @ts-expect-error it is not `any`
const number: number = xero.version;

export = { number, text };
