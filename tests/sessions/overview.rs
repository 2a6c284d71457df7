//! Seen and stopped from another shell: the conversations that living codlings have open.

use serde_json::{Value, json};

use codling::demo::{ScriptedAnswer, created, gate, text};

use crate::pty::Terminal;
use crate::stage::{sentences, until};

use super::{Fixture, LIMIT, ask, held, leave, out};

/// The conversations that run, as programs are told of them.
fn running(fixture: &Fixture) -> Vec<Value> {
    let told = out(&fixture.plain(&["sessions", "list", "--running", "--json"]));
    serde_json::from_str::<Vec<Value>>(&told).unwrap()
}

/// Whether the first of them is in this state; one whose holder is slow to answer is not listed.
fn is_first(fixture: &Fixture, state: &str) -> bool {
    running(fixture).first().is_some_and(|one| one["state"] == state)
}

/// A conversation whose turn waits until somebody allows this command.
fn asking(fixture: &Fixture, line: &str) -> Terminal {
    let arguments = json!({ "command": line, "description": "a look" });
    fixture.stage.stand.script([ScriptedAnswer::calls("c1", "shell", &arguments)]);
    let holder = fixture.screen(&[]);
    ask(&holder, "have a look");
    holder.wait_for("Run this command?");
    holder
}

#[test]
fn a_running_turn_and_one_that_waits_are_listed_and_a_turn_is_stopped() {
    let fixture = Fixture::new();
    assert_eq!(running(&fixture), Vec::<Value>::new());
    let holder = held(&fixture);
    let all = running(&fixture);
    let [one] = &all[..] else { panic!("{all:?}") };
    assert_eq!(one["state"], "running");
    assert_eq!(one["pid"], u64::from(holder.pid()));
    assert_eq!(one["title"], "what do tomatoes need?");
    assert_eq!(one["last"], "Half an answer");
    assert_eq!(one["folder"], fixture.folder.path().canonicalize().unwrap().to_str().unwrap());
    let id = one["session"].as_str().unwrap().to_owned();

    let waiting = asking(&fixture, "touch new.md");
    let all = running(&fixture);
    let one = all.iter().find(|one| one["session"] != id.as_str()).unwrap();
    assert_eq!((&one["state"], &one["last"]), (&"approval".into(), &"touch new.md".into()));
    let told = out(&fixture.plain(&["sessions", "list", "--running"]));
    assert!(told.contains(&id) && told.contains(&format!("pid {}", waiting.pid())), "{told}");

    let both = fixture.plain(&["sessions", "stop", "ses_"]);
    assert_eq!(both.status.code(), Some(2), "{both:?}");
    let none = fixture.plain(&["sessions", "stop", "nothing"]);
    assert_eq!(none.status.code(), Some(1), "{none:?}");
    out(&fixture.plain(&["sessions", "stop", &id[id.len() - 8..]]));
    holder.wait_for("Interrupted");
    until(LIMIT, "the turn at rest", || {
        running(&fixture).iter().any(|one| one["session"] == id.as_str() && one["state"] == "idle")
    });
    let other = all.iter().find_map(|one| one["session"].as_str().filter(|it| *it != id)).unwrap();
    out(&fixture.plain(&["sessions", "stop", other]));
    waiting.wait_gone("Run this command?");
    leave(&waiting);
    leave(&holder);
    assert_eq!(running(&fixture), Vec::<Value>::new());
}

/// The asks that wait, as programs are told of them.
fn waiting(fixture: &Fixture) -> Vec<Value> {
    let told = out(&fixture.plain(&["asks", "list", "--json"]));
    serde_json::from_str::<Vec<Value>>(&told).unwrap()
}

/// The one ask that waits, or will in a moment: its name, and what it is about.
fn one_ask(fixture: &Fixture) -> (String, Value) {
    let mut all = Vec::new();
    until(LIMIT, "an ask that waits", || {
        all = waiting(fixture);
        all.len() == 1
    });
    (all[0]["name"].as_str().unwrap().to_owned(), all[0]["ask"].clone())
}

#[test]
fn what_waits_is_shown_whole_and_answered_with_yes_and_no_from_another_shell() {
    let fixture = Fixture::new();
    assert_eq!(waiting(&fixture), Vec::<Value>::new());
    let holder = asking(&fixture, "touch new.md");
    let shown = out(&fixture.plain(&["asks"]));
    for words in ["$ touch new.md", "Run this command?", "Why: ", "“a look”", "sandbox"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let (name, ask) = one_ask(&fixture);
    assert!(shown.contains(&name), "{name}: {shown}");
    assert_eq!(ask["subject"]["command"], "touch new.md");
    // A screen that is lost changes nothing.
    holder.signal("HUP");
    until(LIMIT, "the terminal let go of", || {
        let input = std::fs::read_link(format!("/proc/{}/fd/0", holder.pid()));
        input.is_ok_and(|to| to.as_os_str() == "/dev/null")
    });
    let arguments = json!({ "command": "touch other.md", "description": "more" });
    fixture.stage.stand.script([ScriptedAnswer::calls("c2", "shell", &arguments)]);
    out(&fixture.plain(&["asks", "answer", &name, "yes"]));
    until(LIMIT, "the next request", || {
        waiting(&fixture).iter().any(|one| one["ask"]["subject"]["command"] == "touch other.md")
    });
    assert!(fixture.folder.path().join("new.md").exists());
    let late = fixture.plain(&["asks", "answer", &name, "yes"]);
    assert_eq!(late.status.code(), Some(1), "{late:?}");

    let (name, _) = one_ask(&fixture);
    fixture.stage.stand.script([ScriptedAnswer::says("As you like.")]);
    let (_, mark) = name.split_once(':').unwrap();
    out(&fixture.plain(&["asks", "answer", mark, "use", "the", "old", "one"]));
    until(LIMIT, "the turn at rest", || is_first(&fixture, "idle"));
    assert!(!fixture.folder.path().join("other.md").exists());
    let told = fixture.stage.stand.responses().pop().unwrap().body;
    assert!(told.contains("use the old one"), "{told}");
    assert_eq!(running(&fixture)[0]["last"], "As you like.");
    holder.signal("TERM");
    assert_eq!(holder.wait_exit().code, 0);
}

#[test]
fn an_ask_that_was_answered_meanwhile_is_told_and_a_question_takes_words() {
    let fixture = Fixture::new();
    let question = json!({
        "question": "Tea or coffee?",
        "options": [
            { "label": "Tea", "description": "green" },
            { "label": "Coffee", "description": "black" },
        ],
    });
    fixture.stage.stand.script([
        ScriptedAnswer::calls("c1", "question", &question),
        ScriptedAnswer::says("Noted."),
    ]);
    let holder = fixture.screen(&[]);
    ask(&holder, "ask me");
    holder.wait_for("Tea or coffee?");
    let (name, ask) = one_ask(&fixture);
    assert_eq!((&ask["type"], &ask["options"][1]["label"]), (&"question".into(), &"Coffee".into()));
    assert_eq!(running(&fixture)[0]["state"], "question");
    out(&fixture.plain(&["asks", "answer", &name, "neither"]));
    holder.wait_for("Noted.");
    let told = fixture.stage.stand.responses().pop().unwrap().body;
    assert!(told.contains("neither"), "{told}");
    let late = fixture.plain(&["asks", "answer", &name, "tea"]);
    assert_eq!(late.status.code(), Some(1), "{late:?}");
    holder.wait_gone("esc to interrupt");
    leave(&holder);
    // Nothing is open, and nothing is opened.
    let gone = fixture.plain(&["asks", "answer", &name, "tea"]);
    assert_eq!((gone.status.code(), fixture.logs().len()), (Some(1), 1), "{gone:?}");
}

#[test]
fn the_command_for_news_is_told_what_waits_and_how_a_turn_ended() {
    let fixture = Fixture::new();
    let news = fixture.stage.home.path().join("news");
    let config = fixture.stage.home.path().join("config");
    std::fs::create_dir_all(&config).unwrap();
    let script = format!("printf '%s\\n' \"$1\" >> '{}'", news.display());
    let notify = format!("notify = {}\n", json!(["sh", "-c", script, "notify"]));
    std::fs::write(config.join("config.toml"), notify).unwrap();
    let holder = asking(&fixture, "touch new.md");
    let told = |count: usize| {
        let lines = || std::fs::read_to_string(&news).unwrap_or_default();
        until(LIMIT, "the news", || lines().lines().count() >= count);
        serde_json::from_str::<Value>(lines().lines().nth(count - 1).unwrap()).unwrap()
    };
    let first = told(1);
    let about = (&first["type"], &first["text"], &first["title"]);
    assert_eq!(about, (&json!("approval"), &json!("touch new.md"), &json!("have a look")));
    assert_eq!(first["session"], running(&fixture)[0]["session"]);
    // A holder without a screen tells it, too.
    holder.signal("HUP");
    fixture.stage.stand.script([ScriptedAnswer::says("There it is.")]);
    let (name, _) = one_ask(&fixture);
    out(&fixture.plain(&["asks", "answer", &name, "yes"]));
    let second = told(2);
    let about = (&second["type"], &second["text"]);
    assert_eq!(about, (&json!("turn-ended"), &json!("There it is.")));
    holder.signal("TERM");
    assert_eq!(holder.wait_exit().code, 0);
    // A run tells whoever started it.
    fixture.stage.stand.script([ScriptedAnswer::says("Yes.")]);
    out(&fixture.plain(&["run", "well?"]));
    assert_eq!(std::fs::read_to_string(&news).unwrap().lines().count(), 2);
}

#[test]
fn a_command_for_news_that_is_not_there_is_told_once() {
    let fixture = Fixture::new();
    let config = fixture.stage.home.path().join("config");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("config.toml"), "notify = [\"no-such-program\"]\n").unwrap();
    let screen = fixture.screen(&[]);
    fixture.stage.stand.script([ScriptedAnswer::says("One.")]);
    ask(&screen, "well?");
    screen.wait_for("no-such-program");
    screen.wait_for("One.");
    fixture.stage.stand.script([ScriptedAnswer::says("Two.")]);
    ask(&screen, "and now?");
    screen.wait_for("Two.");
    screen.wait_gone("no-such-program");
    leave(&screen);
}

#[test]
fn the_list_on_the_screen_says_what_living_conversations_do() {
    let fixture = Fixture::new();
    let runs = held(&fixture);
    let waits = asking(&fixture, "touch new.md");
    let screen = fixture.screen(&["--resume"]);
    screen.wait_for(sentences::RUNNING_ELSEWHERE);
    screen.wait_for(sentences::WAITING_ELSEWHERE);
    screen.type_text("tomatoes");
    screen.wait_gone("have a look");
    screen.press("enter");
    screen.wait_for("Half an answer");
    screen.wait_for("· joined");
    fixture.stage.stand.open("more");
    screen.wait_for("and the rest.");
    screen.wait_gone("esc to interrupt");
    leave(&screen);
    runs.wait_gone("esc to interrupt");
    leave(&runs);
    waits.signal("TERM");
    waits.wait_exit();
}

#[test]
fn a_program_that_was_suspended_is_named_and_the_others_are_listed() {
    let fixture = Fixture::new();
    let holder = held(&fixture);
    holder.signal("STOP");
    until(LIMIT, "the program asleep", || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", holder.pid())).unwrap();
        stat.contains(") T ")
    });
    let listed = fixture.plain(&["sessions", "list", "--running"]);
    assert_eq!(out(&listed), "");
    let told = String::from_utf8_lossy(&listed.stderr).into_owned();
    assert!(told.contains("ses_"), "{told}");
    holder.signal("CONT");
    fixture.stage.stand.open("more");
    holder.wait_for("and the rest.");
    holder.wait_gone("esc to interrupt");
    leave(&holder);
}

#[test]
fn a_holder_without_a_screen_is_stopped_and_ends_when_told() {
    let fixture = Fixture::new();
    fixture.stage.stand.script([ScriptedAnswer::sse([created(), text("Half"), gate("never")])]);
    let holder = fixture.screen(&[]);
    ask(&holder, "go on for long");
    holder.wait_for("Half");
    holder.signal("HUP");
    let id = running(&fixture)[0]["session"].as_str().unwrap().to_owned();
    out(&fixture.plain(&["sessions", "stop", &id]));
    until(LIMIT, "the turn at rest", || is_first(&fixture, "idle"));
    holder.signal("TERM");
    assert_eq!(holder.wait_exit().code, 0);
}

#[test]
fn a_yes_that_would_be_kept_for_good_is_given_on_a_screen_alone() {
    let fixture = Fixture::new();
    let commands = fixture.folder.path().join(".codling/commands");
    std::fs::create_dir_all(&commands).unwrap();
    std::fs::write(commands.join("look.md"), "Say what this is: !`touch made`\n").unwrap();
    let holder = fixture.screen(&[]);
    ask(&holder, "/look");
    holder.wait_for("Run this command?");
    let (name, approval) = one_ask(&fixture);
    assert_eq!(approval["trusts"], true);
    let refused = fixture.plain(&["asks", "answer", &name, "yes"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(!fixture.folder.path().join("made").exists());
    let trusted = fixture.stage.home.path().join("state/trust.json");
    assert!(!trusted.exists(), "nothing is trusted");
    fixture.stage.stand.script([ScriptedAnswer::says("As you like.")]);
    out(&fixture.plain(&["asks", "answer", &name, "no"]));
    holder.wait_for("As you like.");
    assert!(!fixture.folder.path().join("made").exists());
    leave(&holder);
}

#[test]
fn the_offer_to_wait_for_a_usage_limit_is_answered_from_another_shell() {
    for (answer, state) in [("yes", "limit"), ("no", "idle")] {
        let fixture = Fixture::new();
        fixture.stage.stand.script([ScriptedAnswer::usage_limit(7200)]);
        let holder = fixture.screen(&[]);
        ask(&holder, "go");
        holder.wait_for("Go on at");
        assert_eq!(running(&fixture)[0]["state"], "question");
        let (name, offer) = one_ask(&fixture);
        assert_eq!(offer["type"], "question");
        out(&fixture.plain(&["asks", "answer", &name, answer]));
        until(LIMIT, "the answer", || is_first(&fixture, state));
        assert_eq!(waiting(&fixture), Vec::<Value>::new());
        if state == "limit" {
            holder.signal("TERM");
            holder.wait_exit();
        } else {
            leave(&holder);
        }
    }
}
