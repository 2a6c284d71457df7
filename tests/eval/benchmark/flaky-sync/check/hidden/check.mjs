import assert from "node:assert/strict";
import { Sync } from "../src/sync.mjs";

// A store whose answers come when the test says so.
class Held {
  notes = new Map();
  waiting = [];
  peak = 0;
  failing = 0;
  async get(id) {
    await this.#turn(id);
    const text = this.notes.get(id);
    return text && JSON.parse(text);
  }
  async put(note) {
    const text = JSON.stringify(note);
    await this.#turn(note.id);
    if (this.failing > 0) {
      this.failing -= 1;
      throw new Error("the store is full");
    }
    this.notes.set(note.id, text);
  }
  #turn(id) {
    return new Promise((resolve) => this.waiting.push({ id, resolve }));
  }
  async drain(pick) {
    for (let idle = 0; idle < 5; ) {
      await new Promise((resolve) => setImmediate(resolve));
      this.peak = Math.max(this.peak, new Set(this.waiting.map((one) => one.id)).size);
      if (this.waiting.length === 0) {
        idle += 1;
        continue;
      }
      idle = 0;
      this.waiting.splice(pick(this.waiting.length), 1)[0].resolve();
    }
  }
}

const edit = (note, field, at = 1, value = "x") => ({ note, field, value, at });
for (const [name, pick] of Object.entries({ first: () => 0, last: (n) => n - 1, middle: (n) => n >> 1 })) {
  const store = new Held();
  const sync = new Sync(store);
  const heard = [];
  sync.outbox.listen((note) => heard.push([note.id, note.revision]));
  const fields = ["a", "b", "c", "d", "e"];
  const all = fields.flatMap((field) => [edit("n1", field), edit("n2", field)]);
  const done = Promise.all([...all.slice(0, 6).map((one) => sync.apply(one)), sync.applyAll(all.slice(6))]);
  await store.drain(pick);
  const results = (await done).flat();
  for (const id of ["n1", "n2"]) {
    const kept = JSON.parse(store.notes.get(id));
    assert.deepEqual(Object.keys(kept.fields).sort(), fields, `${name}: fields of ${id}`);
    assert.equal(kept.revision, 5, `${name}: each edit raises the revision`);
    assert.deepEqual(heard.filter(([of]) => of === id).map(([, n]) => n), [1, 2, 3, 4, 5], `${name}: outbox`);
    assert.deepEqual(results.filter((note) => note.id === id).map((note) => note.revision).sort(), [1, 2, 3, 4, 5]);
  }
  results.forEach((note, at) => assert.ok(note.fields[all[at].field], "the result has the edit"));
  assert.ok(store.peak >= 2, "different notes are not saved at the same time");
}

// A failure of the store: that edit rejects and leaves nothing, the next are kept.
const store = new Held();
const sync = new Sync(store);
store.failing = 1;
const ends = Promise.allSettled(["a", "b", "c"].map((field) => sync.apply(edit("n", field))));
await store.drain(() => 0);
const states = (await ends).map((end) => end.status);
assert.deepEqual(states.sort(), ["fulfilled", "fulfilled", "rejected"]);
const kept = JSON.parse(store.notes.get("n"));
assert.equal(Object.keys(kept.fields).length, 2);
assert.equal(kept.revision, 2);
const later = sync.apply(edit("n", "d"));
await store.drain(() => 0);
assert.equal(Object.keys((await later).fields).length, 3);
const read = sync.read("n");
await store.drain(() => 0);
assert.equal((await read).revision, 3);
console.log("passed");
