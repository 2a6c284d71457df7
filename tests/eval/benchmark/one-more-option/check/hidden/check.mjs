import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const run = (input, ...more) => spawnSync("node", ["tally.mjs", ...more], { input, encoding: "utf8" });
const read = (path) => readFileSync(path, "utf8");
const help = run("", "--help").stdout;
const names = [...help.matchAll(/^  (--\w+)/gm)].map(([, name]) => name);
const order = ["--by", "--json", "--min", "--only", "--since", "--top", "--help", "--version"];
assert.deepEqual(names, order, "the order in --help");
for (const row of help.split("\n")) assert.ok(row.length <= 88, `a line of --help is too long: ${row}`);
const since = help.split("\n").find((row) => row.startsWith("  --since "));
assert.match(since, /^  --since [A-Z]+ +\S/);
const column = help.split("\n").find((row) => row.startsWith("  --json")).search(/print/);
for (const row of help.split("\n").filter((one) => one.startsWith("  --"))) {
  assert.ok(/^ +$/.test(row.slice(column - 2, column)) && row[column] !== " ", `the column in --help: ${row}`);
}
assert.equal(/## Options\n\n```\n([^]*?)```/.exec(read("README.md"))[1], help, "README.md and --help differ");
const man = [...read("man/tally.1").matchAll(/^\.TP\n\\fB\\-\\-(\w+)\\fR( \\fI([A-Z]+)\\fR)?\n(.+)$/gm)];
assert.deepEqual(man.map(([, name]) => `--${name}`), order, "the order in man/tally.1");
const placeholder = /--since ([A-Z]+)/.exec(since)[1];
assert.equal(man[4][3], placeholder, "the value in man/tally.1");
const bash = read("completions/tally.bash");
assert.deepEqual(/options="([^"]*)"/.exec(bash)[1].split(" "), order, "completions/tally.bash");
assert.match(bash, /^ *--min \| --only \| --since \| --top\) COMPREPLY=\(\)/m, "the case of completions/tally.bash");
const zsh = [...read("completions/_tally").matchAll(/^  '(--\w+)\[((?:[^\]\\]|\\.)*)\](:([a-z]+):)?.*' \\$/gm)];
assert.deepEqual(zsh.map(([, name]) => name), order, "completions/_tally");
const words = since.slice(column).split(/;|\(/)[0].trim().replaceAll(":", "\\:");
assert.equal(zsh[4][2], words, "the words in completions/_tally");
assert.equal(zsh[4][4], placeholder.toLowerCase(), "the value in completions/_tally");
const changes = read("CHANGELOG.md").split("\n## ");
assert.match(changes[1], /^Unreleased\n\n- `--min` leaves out what is rare\.\n(- [^]*)`--since`/, "CHANGELOG.md");
assert.ok(changes[2].startsWith("2.3.0\n\n- `--only` takes patterns.\n"));
const at = (when, path) => `192.0.2.1 - - [${when}] "GET ${path} HTTP/1.1" 200 1\n`;
const log = at("10/Oct/2026:13:59:59 +0200", "/old") + at("10/Oct/2026:12:00:00 +0000", "/edge") +
  at("10/Oct/2026:07:30:00 -0500", "/far") + at("11/Oct/2026:00:00:00 +0000", "/day") + "junk\n" + at("10/Oct/2026:01:00:00 +0000", "/early");
for (const [value, want] of [
  ["2026-10-10T12:00:00Z", ["/day", "/edge", "/far"]],
  ["2026-10-10T14:00:00+02:00", ["/day", "/edge", "/far"]],
  ["2026-10-10T12:00:01Z", ["/day", "/far"]],
  ["2026-10-11", ["/day"]],
  ["2026-10-10", ["/day", "/early", "/edge", "/far", "/old"]],
]) {
  const ended = run(log, `--since=${value}`, "--json");
  assert.equal(ended.status, 0, ended.stderr);
  assert.deepEqual(Object.keys(JSON.parse(ended.stdout)).sort(), want, `--since ${value}`);
  assert.equal(ended.stderr, "tally: 1 lines were skipped\n");
}
assert.equal(run(log, "--since", "2026-10-11").stdout, "/day  1\n");
for (const value of ["", "2026-13-01", "2026-02-30", "2026-10-10T12:00:00", "2026"]) {
  const ended = run(log, "--since", value);
  assert.equal(ended.status, 2, `--since "${value}" was taken: ${ended.stdout}`);
  assert.ok(ended.stderr.startsWith("tally: --since"), ended.stderr);
  assert.ok(ended.stderr.includes(`"${value}"`), ended.stderr);
}
assert.equal(run("", "--since").status, 2);

console.log("passed");
