// The page with the labels. It gets the members from the club's server.

import { labels, meanAge } from "./labels.mjs";

const escaped = (text) => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);

/** The labels as HTML. */
export function page(members, today) {
  const boxes = labels(members, today).map((lines) => `<li>${lines.map(escaped).join("<br>")}</li>`);
  return `<ul class="labels">\n${boxes.join("\n")}\n</ul>\n<p>mean age: ${meanAge(members, today)}</p>\n`;
}
