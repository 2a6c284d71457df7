//! The theme: roles of text, and how each terminal shows them.

use ratatui::style::{Color, Modifier, Style};

use self::palette::{RoleLook, look};
use self::tint::{Share, Tint};

mod palette;
mod tint;

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// No colours: bold, underline and reverse carry all meaning.
    Mono,
    Ansi16,
    Ansi256,
    True,
}

/// The terminal's background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    Dark,
    Light,
}

/// The environment variables about colour, as read by the caller.
#[derive(Clone, Debug, Default)]
pub struct ColorEnv {
    /// `COLORFGBG`, such as `15;0`.
    pub colorfgbg: Option<String>,
    /// `COLORTERM`, such as `truecolor`.
    pub colorterm: Option<String>,
    /// `NO_COLOR`: any text but the empty one means no colour (no-color.org).
    pub no_color: Option<String>,
    /// `STY`: set inside GNU screen.
    pub sty: Option<String>,
    /// `TERM`.
    pub term: Option<String>,
    /// `TERM_PROGRAM`, such as `iTerm.app`.
    pub term_program: Option<String>,
    /// `WT_SESSION`: set by Windows Terminal.
    pub wt_session: Option<String>,
}

/// The meaning of a piece of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Role {
    #[default]
    Text,
    /// Secondary text: hints, times, reasoning.
    Dim,
    /// Faint: rules, line numbers, disabled entries.
    Faint,
    Accent,
    Good,
    Warn,
    Bad,
    Border,
    /// The border of the part that has the keyboard.
    BorderFocus,
    /// The selected row of a list: foreground and background.
    Selection,
    /// A hit of a search: foreground and background.
    Hit,
    /// The hit that one is at.
    CurrentHit,
    User,
    Heading,
    Code,
    Link,
    Quote,
    Added,
    Removed,
    SyntaxKeyword,
    SyntaxString,
    SyntaxNumber,
    SyntaxComment,
    SyntaxFunction,
    SyntaxType,
    SyntaxVariable,
    SyntaxPunctuation,
}

/// Weight, lines and a background on top of a role, as a small set. Backgrounds do not add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Emphasis(u8);

/// The ink of text: a role and an emphasis. It takes two bytes and fits any theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ink {
    pub role: Role,
    pub emphasis: Emphasis,
}

/// Converts roles into styles for one depth and background.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theme {
    depth: Depth,
    ground: Background,
}

impl Depth {
    /// `256 colours`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Mono => "no colours",
            Self::Ansi16 => "16 colours",
            Self::Ansi256 => "256 colours",
            Self::True => "24-bit colour",
        }
    }
}

impl ColorEnv {
    /// The number of colors that the terminal shows, as its variables tell.
    pub fn depth(&self) -> Depth {
        let term = self.term.as_deref().unwrap_or_default();
        let program = self.term_program.as_deref().unwrap_or_default();
        let full = ["direct", "kitty", "ghostty", "alacritty", "wezterm", "foot", "contour", "rio"];
        // GNU screen passes on the outer terminal's capabilities, but draws 24-bit colours wrongly.
        let in_screen =
            self.sty.as_deref().is_some_and(|sty| !sty.is_empty()) && !term.starts_with("tmux");
        if self.no_color.as_deref().is_some_and(|value| !value.is_empty())
            || matches!(term, "dumb" | "vt100" | "vt220")
        {
            Depth::Mono
        } else if matches!(self.colorterm.as_deref(), Some("truecolor" | "24bit"))
            || full.iter().any(|name| term.contains(name))
            || matches!(
                program,
                "iTerm.app" | "WezTerm" | "ghostty" | "vscode" | "Hyper" | "rio" | "WarpTerminal"
            )
            || self.wt_session.is_some()
        {
            if in_screen { Depth::Ansi256 } else { Depth::True }
        } else if term.contains("256") || program == "Apple_Terminal" {
            Depth::Ansi256
        } else {
            Depth::Ansi16
        }
    }

    /// The background by `COLORFGBG`; dark if it is missing, until the terminal reports its own.
    pub fn ground(&self) -> Background {
        let background = self
            .colorfgbg
            .as_deref()
            .and_then(|value| value.rsplit(';').next())
            .and_then(|value| value.parse::<u8>().ok());
        match background {
            Some(7 | 9..=15) => Background::Light,
            _ => Background::Dark,
        }
    }
}

impl Emphasis {
    pub const NONE: Self = Self(0);
    pub const BOLD: Self = Self(1);
    pub const ITALIC: Self = Self(2);
    pub const UNDERLINE: Self = Self(4);
    pub const STRIKE: Self = Self(8);
    pub const REVERSE: Self = Self(16);
    /// The background of an added line.
    pub const ADDED: Self = Self(32);
    pub const REMOVED: Self = Self(64);
    /// The background of an unchanged line in a diff.
    pub const KEPT: Self = Self(32 | 64);
    /// The differing words of a changed line, together with `ADDED` or `REMOVED`.
    pub const CHANGED: Self = Self(128);
    /// The background of a code block.
    pub const BLOCK: Self = Self(128);
    /// The background of a person's prompt.
    pub const PROMPT: Self = Self(128 | 32 | 64);
    /// The bits that choose a background.
    const GROUND: u8 = 128 | 32 | 64;

    pub fn with(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    fn modifier(self) -> Modifier {
        let table = [
            (Self::BOLD, Modifier::BOLD),
            (Self::ITALIC, Modifier::ITALIC),
            (Self::UNDERLINE, Modifier::UNDERLINED),
            (Self::STRIKE, Modifier::CROSSED_OUT),
            (Self::REVERSE, Modifier::REVERSED),
        ];
        table
            .into_iter()
            .filter(|(one, _)| self.0 & one.0 != 0)
            .map(|(_, modifier)| modifier)
            .collect()
    }
}

impl Ink {
    pub fn new(role: Role, emphasis: Emphasis) -> Self {
        Self { role, emphasis }
    }

    pub fn with(self, emphasis: Emphasis) -> Self {
        Self { role: self.role, emphasis: self.emphasis.with(emphasis) }
    }

    pub fn bold(self) -> Self {
        self.with(Emphasis::BOLD)
    }
}

impl From<Role> for Ink {
    fn from(role: Role) -> Self {
        Self { role, emphasis: Emphasis::NONE }
    }
}

impl Theme {
    pub fn new(depth: Depth, ground: Background) -> Self {
        Self { depth, ground }
    }

    pub fn depth(&self) -> Depth {
        self.depth
    }

    pub fn ground(&self) -> Background {
        self.ground
    }

    pub fn style(&self, ink: impl Into<Ink>) -> Style {
        let ink = ink.into();
        let look = look(ink.role);
        let style = Style::new().add_modifier(look.emphasis.modifier() | ink.emphasis.modifier());
        let style = match self.depth {
            Depth::Mono => style.add_modifier(look.mono.modifier()),
            Depth::Ansi16 => {
                let fg = match self.ground {
                    Background::Dark => look.fg16_dark,
                    Background::Light => look.fg16_light,
                };
                let style = with_colors(style, fg, look.bg16);
                if fg.is_none() && is_second(ink.role) {
                    style.add_modifier(Modifier::DIM)
                } else {
                    style
                }
            }
            Depth::Ansi256 => with_colors(
                style,
                self.rgb(&look).0.map(nearest_256),
                self.rgb(&look).1.map(nearest_256),
            ),
            Depth::True => {
                with_colors(style, self.rgb(&look).0.map(exact), self.rgb(&look).1.map(exact))
            }
        };
        let under = |tint: Tint| tint.under(style, tint.share(ink), self.depth, self.ground);
        Tint::of(ink).map_or(style, under)
    }

    /// The style of the rest of a row that ends in this ink.
    pub fn ground_of(&self, ink: Ink) -> Option<Style> {
        let color = Tint::of(ink)?.background(Share::Line, self.depth, self.ground)?;
        Some(Style::new().bg(color))
    }

    fn rgb(&self, look: &RoleLook) -> (Option<u32>, Option<u32>) {
        match self.ground {
            Background::Dark => (look.fg_dark, look.bg_dark),
            Background::Light => (look.fg_light, look.bg_light),
        }
    }
}

fn is_second(role: Role) -> bool {
    matches!(role, Role::Dim | Role::Faint | Role::Border | Role::SyntaxComment | Role::Quote)
}

fn with_colors(style: Style, fg: Option<Color>, bg: Option<Color>) -> Style {
    let style = fg.map_or(style, |fg| style.fg(fg));
    bg.map_or(style, |bg| style.bg(bg))
}

fn exact(rgb: u32) -> Color {
    let [_, red, green, blue] = rgb.to_be_bytes();
    Color::Rgb(red, green, blue)
}

/// The nearest of the 240 fixed colours (the first 16 are the user's own).
fn nearest_256(rgb: u32) -> Color {
    const STEPS: [i32; 6] = [0, 95, 135, 175, 215, 255];
    let [_, red, green, blue] = rgb.to_be_bytes().map(i32::from);
    let step = |value: i32| {
        (0_u8..6).min_by_key(|at| (STEPS[usize::from(*at)] - value).abs()).unwrap_or(0)
    };
    let distance =
        |r: i32, g: i32, b: i32| (r - red).pow(2) + (g - green).pow(2) + (b - blue).pow(2);
    let (r, g, b) = (step(red), step(green), step(blue));
    let cube = distance(STEPS[usize::from(r)], STEPS[usize::from(g)], STEPS[usize::from(b)]);
    let gray = (0_u8..24)
        .min_by_key(|at| (8 + 10 * i32::from(*at) - (red + green + blue) / 3).abs())
        .unwrap_or(0);
    let level = 8 + 10 * i32::from(gray);
    if distance(level, level, level) < cube {
        Color::Indexed(232 + gray)
    } else {
        Color::Indexed(16 + 36 * r + 6 * g + b)
    }
}

#[cfg(test)]
mod tests;
