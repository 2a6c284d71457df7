// The orders of a day.

import { Order } from "./order.mjs";

export class Day {
  constructor(date) {
    this.date = date;
    this.orders = [];
  }

  static parse(text) {
    const { date, orders } = JSON.parse(text);
    const day = new Day(date);
    day.orders = orders.map((one) => Order.fromJSON(one));
    return day;
  }

  /** The sum of all orders. */
  get total() {
    return this.orders.reduce((sum, { total }) => sum + total, 0);
  }

  get tip() {
    return this.orders.reduce((sum, order) => sum + order.tip, 0);
  }

  best() {
    const by = (key) => (a, b) => b[key] - a[key];
    return [...this.orders].sort(by("total"))[0];
  }

  toJSON() {
    return { date: this.date, total: this.total, orders: this.orders };
  }
}
