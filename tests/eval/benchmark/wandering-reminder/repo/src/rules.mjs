// The rules of all people.

import { next } from "./rule.mjs";
import { written } from "./text.mjs";

const TIME = /^([01][0-9]|2[0-3]):[0-5][0-9]$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const EVERY = ["day", "week", "month", "workday"];

/** Throws if a rule is not one. */
export function check(rule) {
  if (!TIME.test(rule.time)) throw new Error(`${rule.time} is not a time`);
  if (!DAY.test(rule.from)) throw new Error(`${rule.from} is not a day`);
  if (!EVERY.includes(rule.every)) throw new Error(`${rule.every} is not known`);
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: rule.zone });
  } catch {
    throw new Error(`${rule.zone} is not a zone`);
  }
  return rule;
}

export class Rules {
  #rules = new Map();

  put(person, rule) {
    this.#rules.set(person, [...(this.#rules.get(person) ?? []), check(rule)]);
  }

  drop(person) {
    return this.#rules.delete(person);
  }

  /** Who is to be reminded after a moment, up to another one, in order. */
  due(after, until) {
    const found = [];
    for (const [person, rules] of this.#rules) {
      for (const rule of rules) {
        for (let date = next(rule, after); date <= until; date = next(rule, date)) {
          found.push({ person, date, text: written(date, rule.zone) });
        }
      }
    }
    return found.sort((a, b) => a.date - b.date || (a.person < b.person ? -1 : 1));
  }
}
