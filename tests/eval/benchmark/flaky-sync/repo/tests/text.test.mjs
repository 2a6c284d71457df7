import assert from "node:assert/strict";
import { test } from "node:test";

import { changedSince, text } from "../src/text.mjs";

const note = (id, fields) => ({ id, revision: 1, fields });

test("notes are written", () => {
  const one = note("a", { title: { value: "List", at: 1 }, body: { value: "milk", at: 2 }, color: { value: "red", at: 1 } });
  assert.equal(text(one), "# List\n\nmilk\n\ncolor: red\n");
  assert.equal(text(note("b", {})), "# b\n");
});

test("the latest come first", () => {
  const notes = [note("a", { x: { value: "", at: 3 } }), note("b", { x: { value: "", at: 9 } }), note("c", {})];
  assert.deepEqual(changedSince(notes, 2).map(({ id }) => id), ["b", "a"]);
});
