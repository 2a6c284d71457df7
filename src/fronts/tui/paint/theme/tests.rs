//! Colour capabilities of terminals, and how they show roles and backgrounds.

use super::*;

fn env(term: &str) -> ColorEnv {
    ColorEnv { term: Some(term.to_owned()), ..ColorEnv::default() }
}

#[test]
fn the_depth_follows_what_the_terminal_says_of_itself() {
    let cases = [
        (env("xterm-256color"), Depth::Ansi256),
        (env("xterm"), Depth::Ansi16),
        (env("xterm-kitty"), Depth::True),
        (env("dumb"), Depth::Mono),
        (ColorEnv { colorterm: Some("truecolor".into()), ..env("screen") }, Depth::True),
        (
            ColorEnv {
                colorterm: Some("truecolor".into()),
                sty: Some("77.pts-0".into()),
                ..env("screen")
            },
            Depth::Ansi256,
        ),
        (
            ColorEnv {
                colorterm: Some("truecolor".into()),
                sty: Some("77.pts-0".into()),
                ..env("tmux-256color")
            },
            Depth::True,
        ),
        (ColorEnv { sty: Some("77.pts-0".into()), ..env("screen") }, Depth::Ansi16),
        (ColorEnv { no_color: Some("1".into()), ..env("xterm-kitty") }, Depth::Mono),
        (ColorEnv { no_color: Some(String::new()), ..env("xterm-kitty") }, Depth::True),
        (ColorEnv { term_program: Some("Apple_Terminal".into()), ..env("xterm") }, Depth::Ansi256),
    ];
    for (env, depth) in cases {
        assert_eq!(env.depth(), depth, "{env:?}");
    }
}

#[test]
fn the_ground_is_read_from_colorfgbg() {
    for (value, ground) in [
        (Some("0;15"), Background::Light),
        (Some("15;0"), Background::Dark),
        (Some("0;default;7"), Background::Light),
        (None, Background::Dark),
    ] {
        let env = ColorEnv { colorfgbg: value.map(str::to_owned), ..ColorEnv::default() };
        assert_eq!(env.ground(), ground, "{value:?}");
    }
}

#[test]
fn without_colour_no_style_has_one_and_the_chosen_row_is_reversed() {
    let theme = Theme::new(Depth::Mono, Background::Dark);
    for role in
        [Role::Text, Role::Bad, Role::Selection, Role::Added, Role::Link, Role::SyntaxString]
    {
        let style = theme.style(role);
        assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
    }
    assert!(theme.style(Role::Selection).add_modifier.contains(Modifier::REVERSED));
    assert!(theme.style(Role::Bad).add_modifier.contains(Modifier::BOLD));
    let (hit, current) = (theme.style(Role::Hit), theme.style(Role::CurrentHit));
    for style in [hit, current] {
        assert!((style.fg, style.bg) == (None, None), "{style:?}");
        assert!(style.add_modifier.contains(Modifier::REVERSED), "{style:?}");
    }
    assert!(current.add_modifier.contains(Modifier::BOLD | Modifier::UNDERLINED));
    assert!(!hit.add_modifier.intersects(Modifier::BOLD | Modifier::UNDERLINED));
}

#[test]
fn colours_are_brought_to_the_nearest_of_256() {
    for (rgb, index) in [(0xff0000, 196), (0x000000, 16), (0xffffff, 231), (0x808080, 244)] {
        assert_eq!(nearest_256(rgb), Color::Indexed(index), "{rgb:06x}");
    }
}

#[test]
fn an_ink_takes_two_bytes() {
    assert_eq!(size_of::<Ink>(), 2);
}

#[test]
fn added_and_removed_lines_differ_at_every_depth_and_their_words_stand_out() {
    for ground in [Background::Dark, Background::Light] {
        for depth in [Depth::Ansi16, Depth::Ansi256, Depth::True] {
            let theme = Theme::new(depth, ground);
            let style = |emphasis| theme.style(Ink::new(Role::SyntaxKeyword, emphasis));
            let all = [Emphasis::KEPT, Emphasis::ADDED, Emphasis::REMOVED];
            let lines = all.map(style);
            let words = [Emphasis::ADDED, Emphasis::REMOVED]
                .map(|line| style(line.with(Emphasis::CHANGED)));
            let mut styles: Vec<_> = lines.into_iter().chain(words).collect();
            styles.dedup();
            assert_eq!(styles.len(), 5, "{depth:?} {ground:?}");
            assert_eq!(lines[0].bg, None, "what stayed has no ground");
        }
    }
    let mono = Theme::new(Depth::Mono, Background::Dark);
    let word = mono.style(Ink::new(Role::Text, Emphasis::ADDED.with(Emphasis::CHANGED)));
    assert_eq!((word.fg, word.bg), (None, None));
    assert!(word.add_modifier.contains(Modifier::UNDERLINED));
    assert_eq!(mono.ground_of(Role::Added.into()), None);
}

/// The roles of text in diffs.
const IN_DIFFS: [Role; 11] = [
    Role::Text,
    Role::Added,
    Role::Removed,
    Role::SyntaxKeyword,
    Role::SyntaxString,
    Role::SyntaxNumber,
    Role::SyntaxComment,
    Role::SyntaxFunction,
    Role::SyntaxType,
    Role::SyntaxVariable,
    Role::SyntaxPunctuation,
];

#[test]
fn of_sixteen_colours_none_is_lost_on_its_ground() {
    for (ground, faint) in [
        (Background::Dark, [Color::Black, Color::Blue, Color::DarkGray].as_slice()),
        (
            Background::Light,
            [
                Color::White,
                Color::Gray,
                Color::Yellow,
                Color::LightYellow,
                Color::Cyan,
                Color::LightCyan,
            ]
            .as_slice(),
        ),
    ] {
        let theme = Theme::new(Depth::Ansi16, ground);
        let others = [
            Role::Dim,
            Role::Accent,
            Role::Good,
            Role::Warn,
            Role::Bad,
            Role::User,
            Role::Heading,
            Role::Code,
            Role::Link,
            Role::Quote,
        ];
        for role in IN_DIFFS.into_iter().chain(others) {
            let style = theme.style(role);
            assert!(
                style.fg.is_none_or(|fg| !faint.contains(&fg)),
                "{role:?} on {ground:?}: {style:?}"
            );
        }
    }
}

/// Contrast by WCAG 2.2: from 1 (equal) to 21 (black on white).
fn contrast(one: Color, other: Color) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(color: Color) -> f64 {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let channels = match color {
        Color::Rgb(red, green, blue) => [red, green, blue],
        Color::Indexed(gray @ 232..) => [8 + 10 * (gray - 232); 3],
        Color::Indexed(index @ 16..) => {
            [36, 6, 1].map(|unit| STEPS[usize::from((index - 16) / unit % 6)])
        }
        other => panic!("{other:?}"),
    };
    let linear = channels.map(f64::from).map(|value| value / 255.0).map(|value| {
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

/// Roles of text that stand on the terminal's own ground alone.
const ON_OWN_GROUND: [Role; 12] = [
    Role::Accent,
    Role::Good,
    Role::Warn,
    Role::Bad,
    Role::Heading,
    Role::Code,
    Role::Link,
    Role::Quote,
    Role::Selection,
    Role::Hit,
    Role::CurrentHit,
    Role::User,
];

/// Roles that stand there, too, and on prompts and code blocks.
const SECOND: [Role; 2] = [Role::Dim, Role::Faint];

#[test]
fn every_text_can_be_read_on_every_ground_that_it_stands_on() {
    let on = |role: Role, grounds: &[Emphasis]| {
        grounds.iter().map(|ground| Ink::new(role, *ground)).collect::<Vec<_>>()
    };
    let none = Emphasis::NONE;
    let lines = [none, Emphasis::KEPT, Emphasis::ADDED, Emphasis::REMOVED];
    let changed = [Emphasis::ADDED, Emphasis::REMOVED].map(|line| line.with(Emphasis::CHANGED));
    let in_code = IN_DIFFS.map(|role| {
        let grounds: Vec<_> = lines.into_iter().chain(changed).chain([Emphasis::BLOCK]).collect();
        on(role, &grounds)
    });
    let second = SECOND.map(|role| on(role, &[none, Emphasis::BLOCK, Emphasis::PROMPT]));
    let own = ON_OWN_GROUND.map(|role| on(role, &[none]));
    let prompt = on(Role::User, &[Emphasis::PROMPT]);
    let all = in_code.into_iter().chain(second).chain(own).flatten().chain(prompt);
    let all: Vec<Ink> = all.collect();
    for (ground, text, below) in [
        (Background::Dark, Color::Rgb(0xd0, 0xd0, 0xd0), Color::Rgb(0x1e, 0x1e, 0x1e)),
        (Background::Light, Color::Rgb(0, 0, 0), Color::Rgb(0xff, 0xff, 0xff)),
    ] {
        for depth in [Depth::Ansi256, Depth::True] {
            let theme = Theme::new(depth, ground);
            for ink in &all {
                let style = theme.style(*ink);
                let found = contrast(style.fg.unwrap_or(text), style.bg.unwrap_or(below));
                let is_diff = matches!(Tint::of(*ink), Some(Tint::Added | Tint::Removed));
                // The 256 colours have no green that is darker, and no red that is lighter.
                let least = match (depth, is_diff, ink.role) {
                    (Depth::Ansi256, true, Role::SyntaxComment) => 2.9,
                    (Depth::Ansi256, true, _) => 3.5,
                    _ => 4.5,
                };
                assert!(found >= least, "{ink:?} {depth:?} {ground:?}: {found:.2}");
            }
        }
    }
}
