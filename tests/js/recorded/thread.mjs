// A program that makes a call in its main thread and another one in a second thread.
import { Worker, isMainThread, workerData } from "node:worker_threads";

const url = isMainThread ? process.argv[2] : workerData;
await (await fetch(`${url}/api.xro/2.0/${isMainThread ? "Contacts" : "Invoices"}`)).text();
if (isMainThread) new Worker(new URL(import.meta.url), { workerData: url });
