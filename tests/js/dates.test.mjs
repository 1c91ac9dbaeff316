import assert from "node:assert/strict";
import { test } from "node:test";
import { createRequire } from "node:module";
import { readDate } from "xero-m2m/dates";

const READ = [
  ["/Date(1552326816230+0000)/", 1552326816230],
  ["/Date(1552326816230)/", 1552326816230],
  // The offset is that of the organisation; the milliseconds are in UTC all the same.
  ["/Date(1552326816230+1300)/", 1552326816230],
  ["/Date(-2208988800000+0000)/", -2208988800000],
  ["/Date(0)/", 0],
  ["2019-03-11", 1552262400000],
  ["2019-03-11T00:00:00", 1552262400000],
  ["2019-03-11T00:00:00.000Z", 1552262400000],
  ["2019-03-11T00:00", 1552262400000],
  ["2019-03-11T13:00:00+13:00", 1552262400000],
  ["2019-03-11T13:00:00+1300", 1552262400000],
  // As the API of projects, of seven digits after the second.
  ["2019-12-07T18:46:19.5165400", 1575744379516],
  ["2020-02-29T23:59:59.9", 1583020799900],
  ["0001-01-01T00:00:00", -62135596800000],
];

const REFUSED = [
  "",
  " 2019-03-11",
  "2019-03-11 00:00:00",
  "2019-02-29",
  "2019-02-30T00:00:00Z",
  "2019-13-01",
  "2019-03-11T24:30:00",
  "2019-03-11T24:00:00",
  "2019-03-11T00:60:00",
  "11/03/2019",
  "March 11, 2019",
  "1552326816230",
  "/Date(1552326816230+0000)",
  "Date(1552326816230)",
  "/Date(99999999999999999)/",
  "/Date(8640000000000001)/",
  "/Date(1e3)/",
  "/Date()/",
];

for (const [text, ms] of READ) {
  test(`${text} is read`, () => assert.equal(readDate(text).getTime(), ms));
}

for (const text of REFUSED) {
  test(`"${text}" is refused, and the error does not quote it`, () => {
    assert.throws(() => readDate(text), (error) => error instanceof RangeError && (text === "" || !error.message.includes(text)));
  });
}

test("what is no text is refused", () => {
  for (const value of [undefined, null, 5, new Date(), {}]) assert.throws(() => readDate(value), TypeError);
});

test("a day is the same wherever the program runs", () => {
  const { TZ } = process.env;
  try {
    for (const zone of ["Pacific/Auckland", "America/Los_Angeles", "UTC"]) {
      process.env.TZ = zone;
      assert.equal(readDate("2019-03-11T00:00:00").toISOString().slice(0, 10), "2019-03-11");
    }
  } finally {
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  }
});

test("require gives the same function", () => {
  assert.equal(createRequire(import.meta.url)("xero-m2m/dates").readDate, readDate);
});
