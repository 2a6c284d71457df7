//! Replaces marks and borders by plain letters, for a locale that is not UTF-8.

use ratatui::buffer::Buffer;

/// Replaces each mark by a letter of the same width. A terminal that supports more than its locale
/// says loses only looks.
pub fn spell(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if let Some(letter) = letter(cell.symbol()) {
            cell.set_char(letter);
        }
    }
}

fn letter(mark: &str) -> Option<char> {
    let letter = match mark {
        "─" | "━" | "·" | "–" | "—" | "−" | "⠹" | "⠴" | "⠇" => '-',
        "│" | "▌" | "⠋" | "⠼" | "⠧" => '|',
        "┌" | "┐" | "└" | "┘" | "├" | "┤" | "┬" | "┴" | "┼" => '+',
        "⠙" | "⠸" | "⠏" => '/',
        "⠦" => '\\',
        "›" | "→" => '>',
        "‹" => '<',
        "…" => '~',
        "✓" | "☑" => 'v',
        "✗" | "☒" => 'x',
        "☐" => '.',
        "●" | "•" | "◦" | "▪" => '*',
        "◌" | "◐" => 'o',
        "■" => '#',
        "↓" => 'v',
        "↑" => '^',
        // The picture of a control character is written as terminals do: `^[31m`.
        mark if ("\u{2400}"..="\u{2421}").contains(&mark) => '^',
        "\u{fffd}" => '?',
        "“" | "”" => '"',
        "\u{a0}" => ' ',
        _ => return None,
    };
    Some(letter)
}
