// What is left in the kitchen.

import { totalOf } from "./money.mjs";

export class Stock {
  #articles = new Map();

  put(name, count, cents) {
    this.#articles.set(name, { count, cents });
  }

  take(name, count) {
    const article = this.#articles.get(name);
    if (!article || article.count < count) return false;
    article.count -= count;
    return true;
  }

  /** What the stock has cost. */
  get total() {
    return totalOf([...this.#articles.values()].map(({ count, cents }) => ({ total: count * cents })));
  }

  low(most = 5) {
    return [...this.#articles].filter(([, { count }]) => count <= most).map(([name]) => name).sort();
  }
}
