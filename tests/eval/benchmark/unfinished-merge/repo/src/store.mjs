// Notes in a file, for those who want them back after a restart.

import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** A Map that is read from a file and written to it after each change. */
export class FileMap extends Map {
  #path;

  constructor(path) {
    super();
    this.#path = path;
    let text = "[]";
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
    }
    for (const [id, body] of JSON.parse(text)) super.set(id, body);
  }

  set(id, body) {
    super.set(id, body);
    this.#write();
    return this;
  }

  delete(id) {
    const was = super.delete(id);
    if (was) this.#write();
    return was;
  }

  #write() {
    writeFileSync(`${this.#path}.new`, JSON.stringify([...this]));
    renameSync(`${this.#path}.new`, this.#path);
  }
}
