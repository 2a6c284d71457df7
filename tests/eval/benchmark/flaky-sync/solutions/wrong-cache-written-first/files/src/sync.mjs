// Takes the edits of devices.

import { emptyNote, merge } from "./merge.mjs";
import { Outbox } from "./outbox.mjs";

export class Sync {
  #store;
  #cache = new Map();
  outbox = new Outbox();

  constructor(store) {
    this.#store = store;
  }

  /**
   * Keeps an edit.
   *
   * @param {import("./merge.mjs").Edit} edit
   * @returns {Promise<import("./merge.mjs").Note>} the note with the edit
   */
  async apply(edit) {
    const note = await this.#load(edit.note);
    const merged = merge(note, edit);
    this.#cache.set(edit.note, merged);
    await this.#store.put(merged);
    this.outbox.send(merged);
    return merged;
  }

  /** Keeps edits that were made while a device was offline. */
  async applyAll(edits) {
    return Promise.all(edits.map((edit) => this.apply(edit)));
  }

  /** The note as it is kept. */
  async read(id) {
    return this.#load(id);
  }

  async #load(id) {
    const cached = this.#cache.get(id);
    if (cached) return cached;
    const note = (await this.#store.get(id)) ?? emptyNote(id);
    this.#cache.set(id, note);
    return note;
  }
}
