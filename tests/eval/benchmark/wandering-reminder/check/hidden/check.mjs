import assert from "node:assert/strict";
import { next, upcoming } from "../src/rule.mjs";
import { written } from "../src/text.mjs";

const wrong = [];
function want(told, rule, after, moments) {
  try {
    const got = upcoming(rule, new Date(after), moments.length).map((date) => date.toISOString().slice(0, 16));
    assert.deepEqual(got, moments);
    assert.equal(next(rule, new Date(after)).toISOString().slice(0, 16), moments[0]);
  } catch (error) {
    wrong.push(`${told} (TZ=${process.env.TZ}): ${error.message}`);
  }
}
const daily = (zone, time, more) => ({ zone, time, every: "day", from: "2026-01-01", ...more });
want("summer begins", daily("Europe/Berlin", "09:00"), "2026-03-27T12:00:00Z", ["2026-03-28T08:00", "2026-03-29T07:00", "2026-03-30T07:00"]);
want("summer ends", daily("Europe/Berlin", "09:00"), "2026-10-23T12:00:00Z", ["2026-10-24T07:00", "2026-10-25T08:00", "2026-10-26T08:00"]);
want("New York", daily("America/New_York", "23:30"), "2026-03-07T00:00:00Z", ["2026-03-07T04:30", "2026-03-08T04:30", "2026-03-09T03:30", "2026-03-10T03:30"]);
want("early in New York", daily("America/New_York", "00:15"), "2026-10-31T12:00:00Z", ["2026-11-01T04:15", "2026-11-02T05:15"]);
want("jumped over", daily("Europe/Berlin", "02:30"), "2026-03-28T00:00:00Z", ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"]);
want("at the jump", daily("Europe/Berlin", "03:00"), "2026-03-28T23:00:00Z", ["2026-03-29T01:00", "2026-03-30T01:00"]);
want("just before the jump", daily("Europe/Berlin", "01:59"), "2026-03-28T23:00:00Z", ["2026-03-29T00:59"]);
want("twice", daily("Europe/Berlin", "02:30"), "2026-10-24T12:00:00Z", ["2026-10-25T00:30", "2026-10-26T01:30"]);
want("twice, asked between", daily("Europe/Berlin", "02:30"), "2026-10-25T00:45:00Z", ["2026-10-26T01:30"]);
want("twice in New York", daily("America/New_York", "01:30"), "2026-10-31T12:00:00Z", ["2026-11-01T05:30", "2026-11-02T06:30"]);
want("jumped over in New York", daily("America/New_York", "02:01"), "2026-03-08T00:00:00Z", ["2026-03-08T07:00", "2026-03-09T06:01"]);
want("half an hour", daily("Australia/Lord_Howe", "02:15"), "2026-10-03T00:00:00Z", ["2026-10-03T15:30", "2026-10-04T15:15"]);
want("at midnight", daily("Asia/Kolkata", "00:00"), "2026-05-01T18:29:00Z", ["2026-05-01T18:30", "2026-05-02T18:30"]);
want("midnight is jumped over", daily("Asia/Beirut", "00:00"), "2026-03-28T00:00:00Z", ["2026-03-28T22:00", "2026-03-29T21:00"]);
want("far east", daily("Pacific/Kiritimati", "08:00"), "2026-05-01T18:00:00Z", ["2026-05-02T18:00"]);
want("a later beginning", daily("Pacific/Auckland", "08:00", { from: "2026-07-01" }), "2026-01-01T00:00:00Z", ["2026-06-30T20:00"]);
want("before the first day", daily("America/Los_Angeles", "20:00", { from: "2026-07-01" }), "2026-07-01T01:00:00Z", ["2026-07-02T03:00"]);
want("workdays", { ...daily("Europe/Berlin", "09:00"), every: "workday" }, "2026-03-27T12:00:00Z", ["2026-03-30T07:00", "2026-03-31T07:00"]);
want("weeks", { ...daily("Europe/Berlin", "09:00"), every: "week", from: "2026-03-22" }, "2026-03-20T00:00:00Z", ["2026-03-22T08:00", "2026-03-29T07:00", "2026-04-05T07:00"]);
want("months", { ...daily("Europe/Berlin", "09:00"), every: "month", from: "2027-10-31" }, "2026-03-20T00:00:00Z", ["2027-10-31T08:00", "2027-11-30T08:00", "2027-12-31T08:00", "2028-01-31T08:00", "2028-02-29T08:00"]);
for (const [moment, zone, text] of [
  ["2026-03-29T00:59:00Z", "Europe/Berlin", "2026-03-29 01:59 +01:00"],
  ["2026-05-01T22:00:00Z", "Europe/Berlin", "2026-05-02 00:00 +02:00"],
  ["2026-05-01T02:30:00Z", "America/St_Johns", "2026-05-01 00:00 -02:30"],
  ["2026-01-01T00:00:00Z", "Asia/Kathmandu", "2026-01-01 05:45 +05:45"],
]) {
  const got = written(new Date(moment), zone);
  if (got !== text) wrong.push(`written: ${got} instead of ${text}`);
}
console.log(wrong.length === 0 ? "passed" : wrong.join("\n"));
