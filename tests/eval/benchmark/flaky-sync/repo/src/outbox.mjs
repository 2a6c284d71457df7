// Tells other devices of what was kept.

export class Outbox {
  #listeners = new Set();
  #last = new Map();

  /** @param {(note: import("./merge.mjs").Note) => void} listener */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param {import("./merge.mjs").Note} note */
  send(note) {
    // A device must never go back.
    if ((this.#last.get(note.id) ?? 0) >= note.revision) return;
    this.#last.set(note.id, note.revision);
    for (const listener of this.#listeners) listener(note);
  }
}
