// Puts an edit into a note.

/**
 * @typedef {{ id: string, revision: number, fields: Record<string, { value: string, at: number }> }} Note
 * @typedef {{ note: string, field: string, value: string, at: number }} Edit
 */

/** @returns {Note} */
export function emptyNote(id) {
  return { id, revision: 0, fields: {} };
}

/**
 * The note with the edit; the later one of two edits of a field wins, and of two at the same time the one with
 * the greater value, so that all devices agree.
 *
 * @param {Note} note
 * @param {Edit} edit
 * @returns {Note}
 */
export function merge(note, edit) {
  const old = note.fields[edit.field];
  const wins = !old || edit.at > old.at || (edit.at === old.at && edit.value > old.value);
  const fields = wins ? { ...note.fields, [edit.field]: { value: edit.value, at: edit.at } } : note.fields;
  return { ...note, revision: note.revision + 1, fields };
}
