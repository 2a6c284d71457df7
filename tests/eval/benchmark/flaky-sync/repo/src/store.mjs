// A store in memory that answers as late as the real one does.

/** Milliseconds that an answer takes. */
const usual = () => Math.random() * 4;

export class Store {
  #notes = new Map();
  #latency;

  /** @param {{ latency?: () => number }} [options] */
  constructor({ latency = usual } = {}) {
    this.#latency = latency;
  }

  /** @param {string} id */
  async get(id) {
    await this.#wait();
    const text = this.#notes.get(id);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** @param {{ id: string }} note */
  async put(note) {
    const text = JSON.stringify(note);
    await this.#wait();
    this.#notes.set(note.id, text);
  }

  #wait() {
    return new Promise((resolve) => setTimeout(resolve, this.#latency()));
  }
}
