// Which page goes where.

/**
 * The sides of all sheets: pairs of pages, `null` for an empty one.
 *
 * @param {(number | null)[]} pages
 * @param {number} perFold sheets that are folded into each other
 * @returns {{ sheet: number, front: (number | null)[], back: (number | null)[] }[]}
 */
export function layout(pages, perFold = Infinity) {
  const sheets = [];
  for (let from = 0; from < pages.length; ) {
    const count = Math.min(Math.ceil((pages.length - from) / 4), perFold);
    const own = pages.slice(from, from + count * 4);
    while (own.length < count * 4) own.push(null);
    for (let at = 0; at < count; at += 1) {
      const low = at * 2;
      const high = own.length - 1 - at * 2;
      sheets.push({
        sheet: sheets.length + 1,
        front: [own[high], own[low]],
        back: [own[low + 1], own[high - 1]],
      });
    }
    from += count * 4;
  }
  return sheets;
}

export function written(sheets) {
  const side = (pages) => pages.map((page) => page ?? "-").join(" ");
  return sheets.map(({ sheet, front, back }) => `${sheet}: ${side(front)} | ${side(back)}\n`).join("");
}
