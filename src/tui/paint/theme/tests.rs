//! What a terminal says of itself, and how roles and grounds show on it.

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
    for (value, ground) in
        [(Some("0;15"), Ground::Light), (Some("15;0"), Ground::Dark), (Some("0;default;7"), Ground::Light), (None, Ground::Dark)]
    {
        let env = ColorEnv { colorfgbg: value.map(str::to_owned), ..ColorEnv::default() };
        assert_eq!(env.ground(), ground, "{value:?}");
    }
}

#[test]
fn without_colour_no_style_has_one_and_the_chosen_row_is_reversed() {
    let theme = Theme::new(Depth::Mono, Ground::Dark);
    for role in [Role::Text, Role::Bad, Role::Selection, Role::Added, Role::Link, Role::SyntaxString] {
        let style = theme.style(role);
        assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
    }
    assert!(theme.style(Role::Selection).add_modifier.contains(Modifier::REVERSED));
    assert!(theme.style(Role::Bad).add_modifier.contains(Modifier::BOLD));
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
    for ground in [Ground::Dark, Ground::Light] {
        for depth in [Depth::Ansi16, Depth::Ansi256, Depth::True] {
            let theme = Theme::new(depth, ground);
            let style = |emphasis| theme.style(Ink::new(Role::SyntaxKeyword, emphasis));
            let all = [Emphasis::KEPT, Emphasis::ADDED, Emphasis::REMOVED];
            let lines = all.map(style);
            let words = [Emphasis::ADDED, Emphasis::REMOVED].map(|line| style(line.with(Emphasis::CHANGED)));
            let mut styles: Vec<_> = lines.into_iter().chain(words).collect();
            styles.dedup();
            assert_eq!(styles.len(), 5, "{depth:?} {ground:?}");
            assert_eq!(lines[0].bg, None, "what stayed has no ground");
        }
    }
    let mono = Theme::new(Depth::Mono, Ground::Dark);
    let word = mono.style(Ink::new(Role::Text, Emphasis::ADDED.with(Emphasis::CHANGED)));
    assert_eq!((word.fg, word.bg), (None, None));
    assert!(word.add_modifier.contains(Modifier::UNDERLINED));
    assert_eq!(mono.ground_of(Role::Added.into()), None);
}
