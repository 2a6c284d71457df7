// A plan for the printer: what to do, step by step.

const side = (pages) => pages.map((page) => (page === null ? "empty" : `page ${page}`)).join(" and ");

/**
 * @param {{ sheet: number, front: (number | null)[], back: (number | null)[] }[]} sheets
 * @param {{ duplex: boolean, perFold: number }} printer
 */
export function plan(sheets, { duplex, perFold }) {
  const steps = [];
  if (duplex) {
    for (const { sheet, front, back } of sheets) {
      steps.push(`print sheet ${sheet}: ${side(front)}; on the back ${side(back)}`);
    }
  } else {
    for (const { sheet, front } of sheets) steps.push(`print sheet ${sheet}: ${side(front)}`);
    steps.push("turn the pile over, the first sheet on top");
    for (const { sheet, back } of sheets) steps.push(`print the back of sheet ${sheet}: ${side(back)}`);
  }
  for (let from = 1; from <= sheets.length; from += perFold) {
    const to = Math.min(from + perFold - 1, sheets.length);
    steps.push(from === to ? `fold sheet ${from}` : `lay sheets ${from} to ${to} into each other and fold them`);
  }
  if (sheets.length > perFold) steps.push("sew the folds together");
  return steps;
}
