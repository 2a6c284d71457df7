// Notes as text, for export.

/** @param {import("./merge.mjs").Note} note */
export function text(note) {
  const { title, body, ...others } = note.fields;
  const rows = [`# ${title?.value ?? note.id}`, ""];
  if (body) rows.push(body.value, "");
  for (const name of Object.keys(others).sort()) rows.push(`${name}: ${others[name].value}`);
  return `${rows.join("\n").trimEnd()}\n`;
}

/** The notes that changed since a time, the latest first. */
export function changedSince(notes, at) {
  const latest = (note) => Math.max(0, ...Object.values(note.fields).map((field) => field.at));
  return notes.filter((note) => latest(note) > at).sort((a, b) => latest(b) - latest(a));
}
