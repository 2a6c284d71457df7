// Sheets that are folded into each other push the inner ones out; their pages are moved in to make up for it.

/**
 * Millimetres by which the pages of each sheet are moved towards the fold.
 *
 * @param {{ sheet: number }[]} sheets as `layout` returns them
 * @param {{ perFold?: number, thickness: number }} paper thickness in millimetres
 */
export function creep(sheets, { perFold = sheets.length, thickness }) {
  return sheets.map(({ sheet }) => {
    const inFold = (sheet - 1) % perFold;
    return Math.round(inFold * thickness * (Math.PI / 2) * 1000) / 1000;
  });
}

/** How thick a booklet is when it is closed. */
export const thicknessOf = (sheets, { thickness }) => sheets.length * 2 * thickness;
