// The pages of `--pages`: see docs/pages.md.

class Bad extends Error {}

const NUMBER = /^(?:[0-9]+|last)$/i;

function numbered(text, count) {
  const number = text.toLowerCase() === "last" ? count : Number(text);
  if (number === 0) throw new Bad();
  return number;
}

function stepped(from, to, step, count) {
  const found = [];
  if (from <= to) for (let page = from; page <= Math.min(to, count); page += step) found.push(page);
  else for (let page = Math.min(from, count); page >= to; page -= step) found.push(page);
  return found;
}

function range(text, count) {
  const parts = /^(?<from>\w*)\s*-\s*(?<to>\w*)(?:\s*\/\s*(?<step>\w+))?$/.exec(text)?.groups;
  if (!parts || (!parts.from && !parts.to)) throw new Bad();
  for (const part of Object.values(parts)) if (part && !NUMBER.test(part)) throw new Bad();
  const step = parts.step === undefined ? 1 : numbered(parts.step, count);
  if (!parts.from) return stepped(Math.max(1, count - numbered(parts.to, count) + 1), count, step, count);
  const from = numbered(parts.from, count);
  if (!parts.to) return from > count ? [] : stepped(from, count, step, count);
  return stepped(from, numbered(parts.to, count), step, count);
}

function pagesOf(item, count, strict) {
  const word = item.toLowerCase();
  if (word === "even") return stepped(2, count, 2, count).filter((page) => page % 2 === 0);
  if (word === "odd") return stepped(1, count, 2, count);
  if (!NUMBER.test(item)) return range(item, count);
  const page = numbered(item, count);
  if (page > count && strict) throw new Bad();
  return [page];
}

/**
 * @param {string} spec
 * @param {number} count pages of the document
 * @returns {(number | null)[]}
 */
export function parsePages(spec, count) {
  let pages = [];
  spec.split(",").forEach((written, at) => {
    const item = written.trim();
    try {
      if (item.startsWith("!")) {
        if (at === 0) pages = stepped(1, count, 1, count);
        const away = new Set(pagesOf(item.slice(1).trim(), count, false));
        pages = pages.filter((page) => page === null || !away.has(page));
      } else if (item === "_") {
        pages.push(null);
      } else {
        pages.push(...pagesOf(item, count, true));
      }
    } catch (error) {
      if (!(error instanceof Bad)) throw error;
      throw new Error(`pages: "${item}" is not an item for a document of ${count} pages`);
    }
  });
  return pages;
}
