// Plugins get every order that is paid.

export class Plugins {
  #all = [];

  add(plugin) {
    this.#all.push(plugin);
  }

  paid(order) {
    return this.#all.map((plugin) => plugin(order)).filter((text) => text !== undefined);
  }
}
