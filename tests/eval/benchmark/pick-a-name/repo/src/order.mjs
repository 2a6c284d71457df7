// An order of a table.

export class Order {
  #lines = [];
  tip = 0;

  constructor(table) {
    this.table = table;
  }

  add(name, cents, count = 1) {
    this.#lines.push({ name, cents, count, total: cents * count });
    return this;
  }

  get lines() {
    return this.#lines.map((line) => ({ ...line }));
  }

  /** What the guest pays without the tip. */
  get total() {
    return this.#lines.reduce((sum, line) => sum + line.total, 0);
  }

  get paid() {
    return this.total + this.tip;
  }

  /** The order as the day's file has it. */
  toJSON() {
    return { table: this.table, tip: this.tip, total: this.total, lines: this.lines };
  }

  static fromJSON({ table, tip = 0, total, lines }) {
    const order = new Order(table);
    for (const { name, cents, count } of lines) order.add(name, cents, count);
    order.tip = tip;
    if (total !== undefined && total !== order.total) {
      throw new Error(`table ${table}: the total is ${total}, but the lines make ${order.total}`);
    }
    return order;
  }
}
