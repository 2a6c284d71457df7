//! Text as a terminal shows it: cleaned of what could act as control codes, measured and cut by grapheme.
