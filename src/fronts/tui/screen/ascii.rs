//! The marks and borders of the screen in plain letters, for a locale that is not UTF-8.

use ratatui::buffer::Buffer;

/// Replaces each mark by a letter as wide. A terminal that shows more than the locale says loses nothing but looks.
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
        // What stands for a control character: `^[31m`, as terminals write it.
        mark if ("\u{2400}"..="\u{2421}").contains(&mark) => '^',
        "\u{fffd}" => '?',
        "“" | "”" => '"',
        "\u{a0}" => ' ',
        _ => return None,
    };
    Some(letter)
}
