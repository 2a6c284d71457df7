//! The colours of each role.

use ratatui::style::Color;

use super::{Emphasis, Role};

/// The look of a role at each depth; `None` keeps the terminal's own colour.
pub(super) struct RoleLook {
    pub fg_dark: Option<u32>,
    pub fg_light: Option<u32>,
    pub bg_dark: Option<u32>,
    pub bg_light: Option<u32>,
    pub fg16_dark: Option<Color>,
    pub fg16_light: Option<Color>,
    pub bg16: Option<Color>,
    /// At every depth.
    pub emphasis: Emphasis,
    /// Added to it without colours.
    pub mono: Emphasis,
}

pub(super) fn look(role: Role) -> RoleLook {
    match role {
        Role::Text | Role::SyntaxVariable | Role::SyntaxPunctuation => PLAIN,
        Role::Dim => ink(0x97a1ae, 0x566170, None),
        Role::Faint => ink(0x868f9c, 0x646e7a, None),
        Role::Accent => RoleLook { mono: Emphasis::BOLD, ..ink(0x7cb7ff, 0x0a55b0, BLUE) },
        Role::Good => ink(0x8fce8a, 0x11672c, GREEN),
        Role::Warn => RoleLook { mono: Emphasis::BOLD, ..ink(0xe6c07a, 0x855600, YELLOW) },
        Role::Bad => RoleLook { mono: Emphasis::BOLD, ..ink(0xf28b82, 0xb81f28, RED) },
        Role::Border => ink(0x454d59, 0xc2c9d1, None),
        Role::BorderFocus => RoleLook { mono: Emphasis::BOLD, ..ink(0x6c7a8c, 0x7d8894, BLUE) },
        Role::Selection => RoleLook {
            bg_dark: Some(0x26405f),
            bg_light: Some(0xd6e6fb),
            bg16: Some(Color::Blue),
            mono: Emphasis::REVERSE,
            ..ink(0xf2f6fb, 0x10243b, WHITE)
        },
        Role::Hit => RoleLook {
            bg_dark: Some(0x5c5300),
            bg_light: Some(0xfbeaa6),
            fg16_dark: Some(Color::Black),
            fg16_light: Some(Color::Black),
            bg16: Some(Color::Yellow),
            mono: Emphasis::REVERSE,
            ..ink(0xf7ecc9, 0x2f2600, None)
        },
        Role::CurrentHit => RoleLook {
            bg_dark: Some(0xf0c96a),
            bg_light: Some(0x7a4b00),
            fg16_dark: Some(Color::White),
            fg16_light: Some(Color::White),
            bg16: Some(Color::Magenta),
            emphasis: Emphasis::BOLD.with(Emphasis::UNDERLINE),
            mono: Emphasis::REVERSE,
            ..ink(0x1c1500, 0xffffff, None)
        },
        Role::User => RoleLook { mono: Emphasis::BOLD, ..ink(0xb9d6ff, 0x0b4a99, CYAN) },
        Role::Heading => RoleLook { emphasis: Emphasis::BOLD, ..ink(0x9cc9ff, 0x0a4f9e, BLUE) },
        Role::Code => ink(0x9fd0c8, 0x0b5c63, CYAN),
        Role::Link => RoleLook { emphasis: Emphasis::UNDERLINE, ..ink(0x7cb7ff, 0x0a55b0, BLUE) },
        Role::Quote => RoleLook { emphasis: Emphasis::ITALIC, ..ink(0x9aa5b3, 0x55606d, None) },
        Role::Added => ink(0x9bdca3, 0x14602c, GREEN),
        Role::Removed => ink(0xf3a29b, 0x99141c, RED),
        Role::SyntaxKeyword => ink(0xc6a0f0, 0x6a1fae, MAGENTA),
        Role::SyntaxString => ink(0xa5d39a, 0x226428, GREEN),
        Role::SyntaxNumber => ink(0xeab38a, 0x8f3d00, YELLOW),
        Role::SyntaxComment => {
            RoleLook { emphasis: Emphasis::ITALIC, ..ink(0x97a1ae, 0x5a6571, None) }
        }
        Role::SyntaxFunction => ink(0x86bdfb, 0x0a55b0, BLUE),
        Role::SyntaxType => ink(0x7fd0d0, 0x0b5f68, CYAN),
    }
}

/// Two of the 16 colours, for a dark and for a light background: many terminals show their blue on
/// black, and their yellow and cyan on white, too faintly.
type Named = Option<(Color, Color)>;

const BLUE: Named = Some((Color::LightBlue, Color::Blue));
const CYAN: Named = Some((Color::Cyan, Color::Blue));
const GREEN: Named = Some((Color::Green, Color::Green));
const MAGENTA: Named = Some((Color::Magenta, Color::Magenta));
const RED: Named = Some((Color::Red, Color::Red));
const WHITE: Named = Some((Color::White, Color::White));
const YELLOW: Named = Some((Color::Yellow, Color::Magenta));

const PLAIN: RoleLook = RoleLook {
    fg_dark: None,
    fg_light: None,
    bg_dark: None,
    bg_light: None,
    fg16_dark: None,
    fg16_light: None,
    bg16: None,
    emphasis: Emphasis::NONE,
    mono: Emphasis::NONE,
};

fn ink(dark: u32, light: u32, named: Named) -> RoleLook {
    let (fg16_dark, fg16_light) = named.unzip();
    RoleLook { fg_dark: Some(dark), fg_light: Some(light), fg16_dark, fg16_light, ..PLAIN }
}
