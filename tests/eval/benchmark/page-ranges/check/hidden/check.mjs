import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { parsePages } from "../src/pages.mjs";

const wrong = [];
for (const [spec, count, want] of [
  ["7", 10, [7]],
  ["3-5", 10, [3, 4, 5]],
  ["5-3,5", 10, [5, 4, 3, 5]],
  ["8-", 10, [8, 9, 10]],
  ["-3", 10, [8, 9, 10]],
  ["-30", 3, [1, 2, 3]],
  ["last", 4, [4]],
  ["last-1", 3, [3, 2, 1]],
  ["2-last", 4, [2, 3, 4]],
  ["-last", 3, [1, 2, 3]],
  ["last-", 3, [3]],
  ["3-9/2", 10, [3, 5, 7, 9]],
  ["9-3/4", 10, [9, 5]],
  ["8-/2", 11, [8, 10]],
  ["-5/2", 10, [6, 8, 10]],
  ["even", 5, [2, 4]],
  ["ODD , Last", 5, [1, 3, 5, 5]],
  [" 1 - 3 , 2 - 6 / 2 ", 9, [1, 2, 3, 2, 4, 6]],
  ["1-5,!4", 9, [1, 2, 3, 5]],
  ["4,1-5,!4,4", 9, [1, 2, 3, 5, 4]],
  ["!4", 5, [1, 2, 3, 5]],
  ["!even,2", 5, [1, 3, 5, 2]],
  ["! 2 - 4", 5, [1, 5]],
  ["!3-9/3,!1", 9, [2, 4, 5, 7, 8]],
  ["!77,!20-30", 3, [1, 2, 3]],
  ["!last", 3, [1, 2]],
  ["!-2", 3, [1]],
  ["_,1,_,!1,!odd", 3, [null, null]],
  ["8-12", 10, [8, 9, 10]],
  ["12-8", 10, [10, 9, 8]],
  ["12-8/2", 11, [11, 9]],
  ["11-12", 10, []],
  ["12-11,1", 10, [1]],
  ["11-", 10, []],
  ["1-1", 1, [1]],
  ["1,1-2,!even", 3, [1, 1]],
]) {
  try {
    assert.deepEqual(parsePages(spec, count), want);
  } catch (error) {
    wrong.push(`${JSON.stringify(spec)} of ${count}: ${error.message}`);
  }
}
for (const [spec, item] of [
  ["", ""], ["  ", ""], ["1,,2", ""], ["1,", ""], ["11", "11"], ["0", "0"], ["1, 0-3", "0-3"], ["3-0", "3-0"], ["-0", "-0"],
  ["00", "00"], ["1-3/0", "1-3/0"], ["4/2", "4/2"], ["even/2", "even/2"], ["1-3/", "1-3/"], ["1 2", "1 2"], ["a", "a"],
  ["1, x ,2", "x"], ["-", "-"], ["1--3", "1--3"], ["1-2-3", "1-2-3"], ["!", "!"], ["!_", "!_"], ["!!1", "!!1"], ["!0", "!0"],
  ["1.5", "1.5"], ["1-3/-1", "1-3/-1"], ["even-odd", "even-odd"], ["_/2", "_/2"], ["+1", "+1"], ["1e1", "1e1"], ["last/2", "last/2"],
]) {
  let message = "nothing was thrown";
  try {
    message = `it was taken as ${JSON.stringify(parsePages(spec, 10))}`;
  } catch (error) {
    message = error.message;
  }
  if (!message.startsWith("pages:") || !message.includes(`"${item}"`)) wrong.push(`${JSON.stringify(spec)}: ${message}`);
}
const run = (...more) => spawnSync("node", ["booklet.mjs", ...more], { encoding: "utf8" });
for (const [arguments_, status, out, err] of [
  [["8"], 0, "1: 8 1 | 2 7\n2: 6 3 | 4 5\n", ""],
  [["20", "--pages", "1-4,_", "--sheets-per-fold", "1"], 0, "1: 4 1 | 2 3\n2: - - | - -\n", ""],
  [["20", "--pages", "21"], 2, "", '"21"'],
  [["20", "--pages"], 2, "", "usage"],
]) {
  const ended = run(...arguments_);
  if (ended.status !== status || ended.stdout !== out || !ended.stderr.includes(err)) {
    wrong.push(`${arguments_.join(" ")}: ${ended.status} ${ended.stdout} ${ended.stderr}`);
  }
}
if (!run("20", "--pages", "21").stderr.startsWith("pages:")) wrong.push("stderr does not begin with pages:");
console.log(wrong.length === 0 ? "passed" : wrong.join("\n"));
