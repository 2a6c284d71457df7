//! Answers of the model as they stream.

use codling::demo::{
    ScriptedAnswer, completed, created, cut, function_call, gate, item_done, reasoning, stall, text,
};
use codling::protocol::Usage;

use crate::pty::{Look, Setup};
use crate::stage::sentences;
use crate::stage::{Account, Stage};

use super::scene::{Person, Scene, holds, open};

#[test]
fn a_mixed_answer_of_text_and_calls_goes_on_to_the_end() {
    let scene = Scene::new(Account::ChatGpt);
    scene.stage.stand.script([
        ScriptedAnswer::sse([
            created(),
            reasoning("**Where to look**"),
            item_done(),
            text("Let me look."),
            item_done(),
            function_call("c1", "read", r#"{"filePath":"README.md"}"#),
            function_call("c2", "read", r#"{"filePath":"gone.md"}"#),
            gate("called"),
            completed(Usage::default()),
        ]),
        ScriptedAnswer::says("It is about **apples**."),
    ]);
    scene.terminal.ask("What is this?");
    scene.terminal.wait_for("Let me look.");
    assert!(scene.terminal.screen().shows("Working"));
    scene.stage.stand.open("called");
    scene.terminal.wait_for("It is about apples.");
    let screen = scene.terminal.screen();
    for shown in ["› What is this?", "Thought: Where to look", "✓ read README.md", "✗ read gone.md"]
    {
        assert!(screen.shows(shown), "{shown}: {:#?}", screen.lines());
    }
    assert!(screen.cell_of("apples").unwrap().bold());
    let responses = scene.stage.stand.responses();
    assert!(responses.len() == 2 && responses[1].body.contains("Apples and pears"));
    scene.terminal.wait_gone("Working");
    scene.end();
}

#[test]
fn a_stream_cut_in_the_middle_is_seen_to_reconnect_and_recovers() {
    let scene = Scene::new(Account::ChatGpt);
    let (terminal, stand) = (&scene.terminal, &scene.stage.stand);
    stand.script([
        ScriptedAnswer::sse([created(), text("Half a sen"), gate("half"), cut()]),
        ScriptedAnswer::says("A whole sentence.").gated("again"),
    ]);
    terminal.ask("Go");
    terminal.wait_for("Half a sen");
    stand.open("half");
    terminal.wait_for("Reconnecting 1/5");
    assert!(stand.wait_reached("again"));
    assert!(terminal.screen().shows("Half a sen"), "it stays until there are other words");
    stand.open("again");
    terminal.wait_for("A whole sentence.");
    terminal.wait_gone("Half a sen");
    terminal.wait_gone("Reconnecting");
    scene.end();
}

#[test]
fn esc_twice_interrupts_at_once_and_the_next_prompt_is_answered() {
    let scene = Scene::new(Account::ChatGpt);
    let (terminal, stand) = (&scene.terminal, &scene.stage.stand);
    stand.script([
        ScriptedAnswer::sse([created(), text("I was about to"), stall()]),
        ScriptedAnswer::says("Here I am."),
    ]);
    terminal.ask("Go");
    terminal.wait_for("I was about to");
    terminal.escape(sentences::INTERRUPT_AGAIN);
    terminal.escape("Interrupted");
    terminal.wait_gone("Working");
    assert!(terminal.screen().shows("I was about to"), "what was said stays");
    terminal.ask("Again");
    terminal.wait_for("Here I am.");
    scene.end();
}

#[test]
fn a_usage_limit_is_a_sentence_with_the_local_time_of_its_end() {
    let stage = Stage::new(Account::ChatGpt);
    let terminal = open(&stage, |setup| setup.size(120, 40).env("TZ", "UTC"));
    stage.stand.script([ScriptedAnswer::usage_limit(7200)]);
    terminal.ask("Go");
    terminal.wait_for(sentences::OFFERS_TO_WAIT);
    terminal.escape(sentences::INTERRUPT_AGAIN);
    terminal.escape("✗");
    terminal.wait_gone(sentences::OFFERS_TO_WAIT);
    let lines = terminal.screen().lines().join("\n");
    assert!(
        lines.contains('✗') && !lines.contains("usage_limit_reached") && !lines.contains('{'),
        "{lines}"
    );
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(7200);
    let shown = [-60, 0, 60].iter().any(|seconds| {
        let at = soon + jiff::SignedDuration::from_secs(*seconds);
        lines.contains(&at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%H:%M").to_string())
    });
    assert!(shown, "{lines}");
    assert_eq!(stage.stand.responses().len(), 1);
    terminal.leave();
}

#[test]
fn a_usage_limit_is_waited_out_after_a_yes_and_the_same_request_sent_again() {
    let scene = Scene::new(Account::ChatGpt);
    let (terminal, stand) = (&scene.terminal, &scene.stage.stand);
    stand.script([ScriptedAnswer::usage_limit(3), ScriptedAnswer::says("Went on.")]);
    terminal.ask("Go");
    terminal.wait_for(sentences::OFFERS_TO_WAIT);
    assert_eq!(stand.responses().len(), 1);
    terminal.wait_until("the offer takes keys", |screen| {
        screen.lines().iter().any(|line| line.starts_with("│ › "))
    });
    terminal.press("y");
    terminal.wait_for(sentences::GOES_ON_AFTER_LIMIT);
    terminal.wait_gone(sentences::OFFERS_TO_WAIT);
    terminal.wait_for("Went on.");
    terminal.wait_gone(sentences::GOES_ON_AFTER_LIMIT);
    let responses = stand.responses();
    assert_eq!(responses.len(), 2);
    assert_eq!(responses[0].input(), responses[1].input());
    scene.end();
}

#[test]
fn esc_twice_ends_the_wait_for_a_usage_limit_and_the_next_prompt_is_answered() {
    let stage = Stage::new(Account::ChatGpt);
    let folder = stage.home.path().join("config");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), "wait_for_limit = true\n").unwrap();
    let scene = Scene::on(stage);
    let (terminal, stand) = (&scene.terminal, &scene.stage.stand);
    stand.script([ScriptedAnswer::usage_limit(7200), ScriptedAnswer::says("Here I am.")]);
    terminal.ask("Go");
    terminal.wait_for(sentences::GOES_ON_AFTER_LIMIT);
    terminal.escape(sentences::INTERRUPT_AGAIN);
    terminal.escape("✗");
    terminal.wait_gone(sentences::GOES_ON_AFTER_LIMIT);
    terminal.ask("Again");
    terminal.wait_for("Here I am.");
    assert_eq!(stand.responses().len(), 2);
    scene.end();
}

#[test]
fn a_refused_token_is_renewed_without_a_word_to_the_person() {
    let scene = Scene::new(Account::ChatGpt);
    let (terminal, stand) = (&scene.terminal, &scene.stage.stand);
    stand.revoke_access_tokens();
    stand.script([ScriptedAnswer::says("Nothing happened.")]);
    terminal.ask("Go");
    terminal.wait_for("Nothing happened.");
    let lines = terminal.screen().lines().join("\n");
    for word in ["401", "token", "sign", "Reconnecting"] {
        assert!(!lines.contains(word), "{word}: {lines}");
    }
    assert_eq!(stand.refreshes(), 1);
    scene.end();
}

#[test]
fn a_sign_in_that_cannot_be_renewed_asks_for_a_new_one_and_keeps_the_entry() {
    let scene = Scene::new(Account::ChatGpt);
    let (terminal, stand) = (&scene.terminal, &scene.stage.stand);
    let before = scene.auth_file();
    stand.revoke_access_tokens();
    stand.expire_refresh_tokens();
    terminal.ask("Go");
    terminal.wait_for("Connect a provider");
    assert_eq!(scene.auth_file(), before);
    terminal.press("esc");
    terminal.wait_gone("Connect a provider");
    let lines = terminal.screen().lines().join("\n");
    assert!(lines.contains("/connect"), "{lines}");
    terminal.wait_for("│ Go");
}

#[test]
fn nothing_a_model_or_a_file_says_reaches_the_terminal_as_a_code() {
    let stage = Stage::new(Account::ChatGpt);
    let terminal = open(&stage, |setup| {
        setup
            .size(120, 40)
            .file("evil\x1b]0;name\x07\u{202e}.md", "in \x1b[31ma file\x1b]52;c;aGk=\x07\u{9b}5n\n")
    });
    terminal.wait_for("ctrl+p commands");
    let hostile = "say \x1b]52;c;c3RvbGVu\x07 \x1b[2J\x1b[31mred \u{9b}31m \u{9d}0;t\u{9c} a\u{202e}b \u{200b}c \x08\x7f\x0e \x1bP1;2|x\x1b\\";
    let calls = serde_json::json!({ "pattern": "*\x1b[32m*" }).to_string();
    stage.stand.script([
        ScriptedAnswer::sse([
            created(),
            reasoning(format!("**thought {hostile}**")),
            item_done(),
            text(format!(
                "{hostile}\n\n```\ncode {hostile}\n```\n\n[link](http://x/\x1b[33m) `{hostile}`"
            )),
            item_done(),
            function_call("c1", "glob", r#"{"pattern":"**/*.md"}"#),
            function_call("c2", "grep", r#"{"pattern":"file"}"#),
            function_call("c3", "glob", calls),
            function_call("c4\x1b[35m", "no\x1b[36msuch", "{}"),
            completed(Usage::default()),
        ]),
        ScriptedAnswer::error(400, "bad", &format!("error {hostile}")),
    ]);
    let mark = terminal.mark();
    terminal.ask("Go");
    terminal.wait_for("error ");
    terminal.wait_gone("Working");
    terminal.press("ctrl+o");
    terminal.wait_for("│ ");
    let raw = terminal.raw_since(mark);
    for code in [
        "\x1b]52",
        "\x1b]0;",
        "\x07",
        "\x1b[2J",
        "\x1b[31mred",
        "\x1b[31ma",
        "\x1b[32m*",
        "\x1b[33m)",
        "\x1b[35m",
        "\x1b[36ms",
        "\u{9b}",
        "\u{9c}",
        "\u{9d}",
        "\u{202e}",
        "\u{200b}",
        "\x7f",
        "\x0e",
        "\x1bP",
    ] {
        assert!(
            !holds(&raw, code.as_bytes()),
            "{} was written: {}",
            code.escape_debug(),
            raw.escape_ascii()
        );
    }
    assert!(
        terminal.screen().lines().join("\n").contains("␛[31mred"),
        "{:#?}",
        terminal.screen().lines()
    );
}

#[test]
fn wide_characters_and_emoji_line_up() {
    let scene = Scene::new(Account::ChatGpt);
    let table =
        "| name | count |\n|---|---:|\n| 漢字 | 7 |\n| 🍎🍐 | 12 |\n| plain | 345 |\n\nlast";
    scene.stage.stand.script([ScriptedAnswer::says(table)]);
    scene.terminal.ask("Go");
    scene.terminal.wait_for("last");
    scene.terminal.wait_gone("Working");
    let screen = scene.terminal.screen();
    let end = |text: &str| {
        screen.find(text).map(|(column, _)| column + u16::try_from(text.len()).unwrap())
    };
    assert_eq!((end("7"), end("12")), (end("345"), end("345")), "{:#?}", screen.lines());
    let begin = |text: &str| screen.find(text).map(|(column, _)| column);
    assert_eq!(
        (begin("漢字"), begin("🍎🍐")),
        (begin("plain"), begin("plain")),
        "{:#?}",
        screen.lines()
    );
    scene.terminal.type_text("果物e\u{301}🍎|");
    scene.terminal.wait_for("🍎|");
    let (column, row) = scene.terminal.screen().find("果物").unwrap();
    assert_eq!(scene.terminal.screen().cursor(), Some((column + 4 + 1 + 2 + 1, row)));
    scene.terminal.press("ctrl+c");
    scene.terminal.wait_gone("果物");
    scene.end();
}

#[test]
fn links_in_an_answer_reach_the_terminal_as_links() {
    let scene = Scene::new(Account::ChatGpt);
    let answer = "See [the guide](https://docs.example/x) and [this](javascript:x).";
    scene.stage.stand.script([ScriptedAnswer::says(answer)]);
    let mark = scene.terminal.mark();
    scene.terminal.ask("where?");
    scene.terminal.wait_for("See the guide (https://docs.example/x) and this");
    scene.terminal.wait_raw(mark, b"]8;id=codling;https://docs.example/x\x1b\\");
    let raw = String::from_utf8_lossy(&scene.terminal.raw_since(mark)).into_owned();
    assert!(!raw.contains("]8;;javascript") && !raw.contains("codling;javascript"), "{raw}");
    scene.end();
}

/// The bytes of a report of the left button: 0, or 32 for a motion.
fn button(button: u32, (x, y): (u16, u16), last: char) -> String {
    format!("\x1b[<{button};{};{}{last}", x + 1, y + 1)
}

#[test]
fn a_drag_over_an_answer_is_copied_with_ctrl_c_and_the_next_ctrl_c_is_what_it_was() {
    let scene = Scene::new(Account::ChatGpt);
    let terminal = &scene.terminal;
    scene.stage.stand.script([ScriptedAnswer::says(
        "The **orchard** has apples and pears, and each row of it is watered by hand twice a \
         week.\n\n```rust\nfn water() {}\n```\n",
    )]);
    terminal.ask("What grows here?");
    terminal.wait_for("fn water() {}");
    terminal.wait_gone("esc to interrupt");
    let screen = terminal.screen();
    let (from, to) = (screen.find("orchard").unwrap(), screen.find("() {}").unwrap());
    let plain = screen.cell_of("twice").unwrap().clone();
    let mark = terminal.mark();
    let reports = [button(0, from, 'M'), button(32, to, 'M'), button(0, to, 'm')];
    terminal.send(reports.concat().as_bytes());
    terminal.wait_until("it is seen to be selected", move |screen| {
        let cell = screen.cell_of("twice").unwrap();
        cell.bgcolor() != plain.bgcolor() || cell.inverse() != plain.inverse()
    });
    terminal.press("ctrl+c");
    let copied = "orchard has apples and pears, and each row of it is watered by hand twice a \
                  week.\n\nrust\nfn water(";
    let copied = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, copied);
    terminal.wait_raw(mark, format!("\x1b]52;c;{copied}\x07").as_bytes());
    assert!(!terminal.screen().shows("ctrl+c again to quit"));
    // Two clicks take a word.
    let mark = terminal.mark();
    let click = [button(0, from, 'M'), button(0, from, 'm')].concat();
    terminal.send([click.as_str(), &click].concat().as_bytes());
    terminal.press("y");
    let copied = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, "orchard");
    terminal.wait_raw(mark, format!("\x1b]52;c;{copied}\x07").as_bytes());
    terminal.press("ctrl+c");
    terminal.wait_for("ctrl+c again to quit");
    terminal.press("esc");
    terminal.wait_gone("ctrl+c again to quit");
    scene.end();
}

#[test]
fn the_mouse_is_taken_as_the_settings_say_and_given_back_after_a_kill() {
    for (setting, on) in
        [("auto", "[?1002h\x1b[?1006h"), ("wheel", "[?1000h\x1b[?1006h"), ("off", "[?1049h")]
    {
        let stage = Stage::new(Account::ChatGpt);
        let folder = stage.home.path().join("config");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), format!("mouse = \"{setting}\"\n")).unwrap();
        // A codling that was killed left the mouse to itself.
        let codling = env!("CARGO_BIN_EXE_codling");
        let script = format!("printf '\\033[?1002h'; exec '{codling}'");
        let setup = Setup::sh(&script).envs(stage.variables());
        let terminal = setup.env("CODLING_CALLBACK_PORTS", "0,0").start();
        terminal.wait_for("Ask anything");
        terminal.wait_raw(0, b"\x1b[?1002h\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?1049h");
        terminal.wait_raw(0, on.as_bytes());
        terminal.type_text("/exit").press("enter");
        assert_eq!(terminal.wait_exit().code, 0);
        assert_eq!(terminal.leftovers(), Vec::<String>::new(), "{setting}");
        let is_taken = holds(&terminal.raw_since(0), b"[?1006h");
        assert_eq!(is_taken, setting != "off", "{setting}");
    }
}

#[test]
fn a_person_who_looks_elsewhere_is_told_in_the_form_that_the_terminal_knows() {
    let known = ("TERM_PROGRAM", "WezTerm");
    for (variable, form) in [(known, Some("\x1b]9;codling: ")), (("COLORTERM", ""), None)] {
        let stage = Stage::new(Account::ChatGpt);
        let folder = stage.home.path().join("config");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), "notify_after = 0\n").unwrap();
        stage.stand.script([ScriptedAnswer::says("It is about apples.").gated("asked")]);
        let terminal = open(&stage, |setup| setup.env(variable.0, variable.1));
        terminal.ask("What is this?");
        terminal.wait_raw(0, "\x1b]2;● codling".as_bytes());
        let mark = terminal.mark();
        stage.stand.open("asked");
        terminal.wait_for("It is about apples.");
        terminal.wait_raw(mark, form.unwrap_or("\x07").as_bytes());
        terminal.wait_gone("esc to interrupt");
        terminal.wait_raw(mark, "\x1b]2;codling".as_bytes());
        terminal.leave();
        let raw = String::from_utf8_lossy(&terminal.raw_since(0)).into_owned();
        assert_eq!(raw.contains("\x1b]9;"), form.is_some());
        let count = |part: &str| raw.matches(part).count();
        assert_eq!((count("\x1b[22;2t"), count("\x1b[23;2t")), (1, 1));
        let progress = usize::from(form.is_some());
        assert_eq!((count("\x1b]9;4;3"), count("\x1b]9;4;0")), (progress, progress));
    }
}
