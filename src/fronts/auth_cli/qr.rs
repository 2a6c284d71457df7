//! QR codes as lines of text.

use qrcode::{Color, EcLevel, QrCode};

/// The light margin around a code in modules, as the standard requires.
const QUIET: usize = 4;

/// Draws two rows in each line with half blocks, dark on light in any colours. `None` if it would
/// be wider than `columns`.
pub fn lines(text: &str, columns: u16) -> Option<Vec<String>> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let side = code.width() + 2 * QUIET;
    if side > usize::from(columns) {
        return None;
    }
    let is_dark = |x: usize, y: usize| {
        let inside = (QUIET..QUIET + code.width()).contains(&x)
            && (QUIET..QUIET + code.width()).contains(&y);
        inside && code[(x - QUIET, y - QUIET)] == Color::Dark
    };
    let row = |y: usize| {
        let blocks: String = (0..side)
            .map(|x| match (is_dark(x, y), is_dark(x, y + 1)) {
                (false, false) => ' ',
                (false, true) => '▄',
                (true, false) => '▀',
                (true, true) => '█',
            })
            .collect();
        format!("\x1b[30;107m{blocks}\x1b[39;49m")
    };
    Some((0..side).step_by(2).map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_has_its_quiet_zone_and_its_finder_in_the_corner() {
        let lines = lines("https://auth.openai.com/codex/device", 80).unwrap();
        let text = |row: usize| {
            lines[row].trim_start_matches("\x1b[30;107m").trim_end_matches("\x1b[39;49m").to_owned()
        };
        assert_eq!(text(0).trim(), "");
        assert!(text(2).starts_with("    █▀▀▀▀▀█ "), "{}", text(2));
        assert!(text(5).starts_with("    ▀▀▀▀▀▀▀ "), "{}", text(5));
        assert!(lines.iter().all(|line| line.chars().count() == lines[0].chars().count()));
    }

    #[test]
    fn a_code_that_does_not_fit_is_left_out() {
        assert_eq!(lines("https://auth.openai.com/codex/device", 30), None);
        assert_eq!(lines(&"x".repeat(5000), u16::MAX), None);
    }
}
