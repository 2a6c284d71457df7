//! The backgrounds of diffs, code and prompts, and their substitutes with few colours.

use ratatui::style::{Color, Modifier, Style};

use super::{Background, Depth, Emphasis, Ink, Role, exact};

/// The kind of a line that has a background of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tint {
    Added,
    /// A line of a code block.
    Block,
    /// Differs only where the text's colour must mark added lines.
    Kept,
    /// A line of a person's prompt.
    Prompt,
    Removed,
}

/// How much of a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    Line,
    /// The differing words.
    Words,
}

impl Tint {
    pub fn of(ink: Ink) -> Option<Self> {
        match ink.role {
            Role::Added => return Some(Self::Added),
            Role::Removed => return Some(Self::Removed),
            _ => {}
        }
        let ground = Emphasis(ink.emphasis.0 & Emphasis::GROUND);
        match ground {
            Emphasis::BLOCK => return Some(Self::Block),
            Emphasis::PROMPT => return Some(Self::Prompt),
            _ => {}
        }
        [
            (Emphasis::KEPT, Self::Kept),
            (Emphasis::ADDED, Self::Added),
            (Emphasis::REMOVED, Self::Removed),
        ]
        .into_iter()
        .find_map(|(Emphasis(mask), tint)| (ground.0 & mask == mask).then_some(tint))
    }

    /// How much of the line an ink with this tint is for.
    pub fn share(self, ink: Ink) -> Share {
        let is_changed = ink.emphasis.0 & Emphasis::CHANGED.0 != 0;
        match self {
            Self::Added | Self::Removed if is_changed => Share::Words,
            _ => Share::Line,
        }
    }

    /// Adds the background to a style, or a substitute for it.
    pub fn under(self, style: Style, share: Share, depth: Depth, ground: Background) -> Style {
        let style = match (depth, share) {
            (Depth::Mono, Share::Words) => {
                style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
            }
            // Reversed, the background becomes the text's colour: white on green would be lost.
            (Depth::Ansi16, Share::Words) if self == Self::Added => {
                style.bg(Color::Black).add_modifier(Modifier::BOLD | Modifier::REVERSED)
            }
            (Depth::Ansi16, Share::Words) => {
                style.add_modifier(Modifier::BOLD | Modifier::REVERSED)
            }
            // These backgrounds are too strong for coloured text.
            (Depth::Ansi256, Share::Words) => style.fg(Color::Indexed(strongest(ground).1)),
            (Depth::True, Share::Words) => style.fg(exact(strongest(ground).0)),
            _ => style,
        };
        match depth {
            Depth::Mono => style,
            Depth::Ansi16 if matches!(self, Self::Block | Self::Prompt) => style,
            Depth::Ansi16 => Style { fg: self.foreground(), ..style },
            Depth::Ansi256 | Depth::True => match self.background(share, depth, ground) {
                Some(color) => style.bg(color),
                None => style,
            },
        }
    }

    /// The background for the rest of a row.
    pub fn background(self, share: Share, depth: Depth, ground: Background) -> Option<Color> {
        let (rgb, index) = match (self, ground, share) {
            (Self::Kept, ..) => return None,
            (Self::Block, Background::Dark, _) => (0x181c22, 234),
            (Self::Block, Background::Light, _) => (0xf4f6f8, 255),
            (Self::Prompt, Background::Dark, _) => (0x1a242f, 235),
            (Self::Prompt, Background::Light, _) => (0xeaf1f9, 255),
            (Self::Added, Background::Dark, Share::Line) => (0x16301f, 22),
            (Self::Added, Background::Dark, Share::Words) => (0x1f5833, 28),
            (Self::Added, Background::Light, Share::Line) => (0xe2f5e6, 194),
            (Self::Added, Background::Light, Share::Words) => (0xa6e0b4, 157),
            (Self::Removed, Background::Dark, Share::Line) => (0x391c1e, 52),
            (Self::Removed, Background::Dark, Share::Words) => (0x7d2f35, 88),
            (Self::Removed, Background::Light, Share::Line) => (0xfce5e5, 224),
            (Self::Removed, Background::Light, Share::Words) => (0xf8c2c2, 217),
        };
        match depth {
            Depth::True => Some(exact(rgb)),
            // Chosen by eye: the nearest of the 256 colours to these dark tints are greys.
            Depth::Ansi256 => Some(Color::Indexed(index)),
            Depth::Ansi16 | Depth::Mono => None,
        }
    }

    fn foreground(self) -> Option<Color> {
        match self {
            Self::Added => Some(Color::Green),
            Self::Block | Self::Kept | Self::Prompt => None,
            Self::Removed => Some(Color::Red),
        }
    }
}

/// The colour that is readable on any tint, and the one of 256.
fn strongest(ground: Background) -> (u32, u8) {
    match ground {
        Background::Dark => (0xffffff, 231),
        Background::Light => (0x000000, 16),
    }
}
