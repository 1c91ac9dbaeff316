import { version } from "xero-m2m";
import { version as simulatorVersion } from "xero-m2m/simulator";

const text: string = version + simulatorVersion;
// @ts-expect-error it is not `any`
const number: number = version;

export { number, text };
