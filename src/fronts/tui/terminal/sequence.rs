//! Interpreting complete sequences: xterm's and kitty's keys, focus, replies.

use crossterm::event::{KeyCode, KeyModifiers};

use super::input::{Incoming, TerminalReply};
use super::parser::key;
use crate::tui::messages::{MouseEvent, MouseKind, Toward};
use crate::tui::paint::Background;

/// Interprets `ESC O letter`: keys in application mode.
pub(super) fn ss3(letter: u8) -> Option<Incoming> {
    let code = match letter {
        b'M' => KeyCode::Enter,
        _ => named(letter)?,
    };
    Some(key(code, KeyModifiers::NONE))
}

/// Interprets `ESC [ parameters final`.
pub(super) fn csi(parameters: &[u8], last: u8, alt: KeyModifiers) -> Option<Incoming> {
    let text = std::str::from_utf8(parameters).ok()?;
    match (text, last) {
        ("", b'I') => return Some(Incoming::FocusGained),
        ("", b'O') => return Some(Incoming::FocusLost),
        ("", b'Z') => return Some(key(KeyCode::BackTab, alt | KeyModifiers::SHIFT)),
        _ => {}
    }
    if let Some(rest) = text.strip_prefix('<') {
        let mut fields = rest.split(';').map(|field| field.parse().ok());
        let [button, column, row] = [fields.next()??, fields.next()??, fields.next()??];
        return match last {
            b'M' => mouse(button, (column, row)),
            b'm' => mouse(button | RELEASED, (column, row)),
            _ => None,
        };
    }
    if let (Some(rest), b'c') = (text.strip_prefix('>'), last) {
        return rest.starts_with("83;").then_some(Incoming::Reply(TerminalReply::GnuScreen));
    }
    if let Some(rest) = text.strip_prefix('?') {
        return match last {
            b'u' if rest.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(Incoming::Reply(TerminalReply::KittyKeys))
            }
            b'c' => Some(Incoming::Reply(TerminalReply::Done)),
            // DECRQM: 0 is unknown, 4 is off for good.
            b'y' if matches!(rest, "5522;1$" | "5522;2$" | "5522;3$") => {
                Some(Incoming::Reply(TerminalReply::Clipboard))
            }
            _ => None,
        };
    }
    let fields: Vec<Vec<u32>> = text
        .split(';')
        .map(|field| field.split(':').map(|part| part.parse().unwrap_or(0)).collect())
        .collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.first()).copied().unwrap_or(0);
    let kind = fields.get(1).and_then(|field| field.get(1)).copied().unwrap_or(1);
    if kind == RELEASE {
        return None;
    }
    let modifiers = modifiers(number(1)) | alt;
    match last {
        b'~' if number(0) == 27 => code_point(number(2), modifiers),
        b'~' => Some(key(numbered(number(0))?, modifiers)),
        b'u' => code_point(number(0), modifiers),
        b'A'..=b'F' | b'H' | b'P'..=b'S' => Some(key(named(last)?, modifiers)),
        _ => None,
    }
}

/// Interprets a mouse report by its button number and its cell, which are counted from one (xterm:
/// 0 is the left button, 3 a release, 64 and 65 are the wheel; shift, alt and control add 4, 8 and
/// 16, a motion 32). A press with shift is the terminal's own; other buttons are ignored.
pub(super) fn mouse(button: u32, (column, row): (u32, u32)) -> Option<Incoming> {
    let cell = |at: u32| u16::try_from(at.checked_sub(1)?).ok();
    let kind = match button & !0b1_1100 {
        64 => return Some(Incoming::Wheel(Toward::Start)),
        65 => return Some(Incoming::Wheel(Toward::End)),
        0 if button & SHIFT == 0 => MouseKind::Press,
        32 => MouseKind::Drag,
        RELEASED | 3 => MouseKind::Release,
        _ => return None,
    };
    Some(Incoming::Mouse(MouseEvent { kind, x: cell(column)?, y: cell(row)? }))
}

/// The background in an OSC 11 reply: `rgb:RRRR/GGGG/BBBB`, one to four hexadecimal digits each.
pub(super) fn ground(colour: &str) -> Option<Background> {
    let body = colour.strip_prefix("rgb:").or_else(|| colour.strip_prefix("rgba:"))?;
    let mut channels = body.split('/').map(|digits| {
        let most = 16_u32
            .checked_pow(u32::try_from(digits.len()).ok()?)?
            .checked_sub(1)
            .filter(|most| *most > 0)?;
        let value = u32::from_str_radix(digits, 16).ok()?;
        Some(f64::from(value) / f64::from(most))
    });
    let (red, green, blue) = (channels.next()??, channels.next()??, channels.next()??);
    // ITU-R BT.709 weights.
    let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    Some(if luminance > 0.5 { Background::Light } else { Background::Dark })
}

const RELEASE: u32 = 3;

/// The shift key in a mouse report.
const SHIFT: u32 = 4;
/// A bit of our own for a button that was released, which is no bit of the number in the form of
/// mode 1006.
const RELEASED: u32 = 1 << 16;

fn modifiers(number: u32) -> KeyModifiers {
    let bits = number.saturating_sub(1);
    let table = [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
        (8, KeyModifiers::SUPER),
        (16, KeyModifiers::HYPER),
        (32, KeyModifiers::META),
    ];
    table.into_iter().filter(|(bit, _)| bits & bit != 0).map(|(_, modifier)| modifier).collect()
}

fn named(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'E' => KeyCode::KeypadBegin,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(letter - b'P' + 1),
        _ => return None,
    })
}

fn numbered(number: u32) -> Option<KeyCode> {
    let function = |first: u32, key: u32| u8::try_from(number - first + key).ok().map(KeyCode::F);
    match number {
        1 | 7 => Some(KeyCode::Home),
        2 => Some(KeyCode::Insert),
        3 => Some(KeyCode::Delete),
        4 | 8 => Some(KeyCode::End),
        5 => Some(KeyCode::PageUp),
        6 => Some(KeyCode::PageDown),
        11..=15 => function(11, 1),
        17..=21 => function(17, 6),
        23..=26 => function(23, 11),
        28..=29 => function(28, 15),
        31..=34 => function(31, 17),
        _ => None,
    }
}

/// A key by its code point (kitty keyboard protocol, functional keys from 57344 on).
fn code_point(number: u32, modifiers: KeyModifiers) -> Option<Incoming> {
    let code = match number {
        9 if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
        9 => KeyCode::Tab,
        13 | 57414 => KeyCode::Enter,
        27 => KeyCode::Esc,
        127 => KeyCode::Backspace,
        57376..=57398 => KeyCode::F(u8::try_from(number - 57376 + 13).ok()?),
        57399..=57408 => KeyCode::Char(char::from_digit(number - 57399, 10)?),
        57409 => KeyCode::Char('.'),
        57410 => KeyCode::Char('/'),
        57411 => KeyCode::Char('*'),
        57412 => KeyCode::Char('-'),
        57413 => KeyCode::Char('+'),
        57415 => KeyCode::Char('='),
        57417 => KeyCode::Left,
        57418 => KeyCode::Right,
        57419 => KeyCode::Up,
        57420 => KeyCode::Down,
        57421 => KeyCode::PageUp,
        57422 => KeyCode::PageDown,
        57423 => KeyCode::Home,
        57424 => KeyCode::End,
        57425 => KeyCode::Insert,
        57426 => KeyCode::Delete,
        // Locks, media and modifier keys on their own.
        57344..=63743 => return None,
        _ => KeyCode::Char(char::from_u32(number).filter(|c| !c.is_control())?),
    };
    Some(key(code, modifiers))
}
