import assert from "node:assert/strict";
import { test } from "node:test";

import { merge, emptyNote } from "../src/merge.mjs";
import { Store } from "../src/store.mjs";
import { Sync } from "../src/sync.mjs";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

test("the later edit of a field wins", () => {
  let note = merge(emptyNote("a"), { note: "a", field: "title", value: "new", at: 2 });
  note = merge(note, { note: "a", field: "title", value: "old", at: 1 });
  assert.equal(note.fields.title.value, "new");
  assert.equal(note.revision, 2);
});

test("a note outlives the process", async () => {
  const store = new Store();
  await new Sync(store).apply({ note: "a", field: "title", value: "x", at: 1 });
  assert.equal((await new Sync(store).read("a")).fields.title.value, "x");
});

test("all changes arrive", async () => {
  const sync = new Sync(new Store());
  const devices = ["title", "body", "color"].map(async (field, at) => {
    await pause(at * 7);
    await sync.apply({ note: "a", field, value: "x", at });
  });
  await Promise.all(devices);
  assert.equal(Object.keys((await sync.read("a")).fields).length, 3);
});

test("different notes are kept independently", async () => {
  const sync = new Sync(new Store());
  const notes = await sync.applyAll(["a", "b"].map((note) => ({ note, field: "title", value: note, at: 1 })));
  assert.deepEqual(notes.map((note) => note.fields.title.value), ["a", "b"]);
});
