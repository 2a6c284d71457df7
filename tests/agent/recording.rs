//! A conversation recorded as a script and played by the stand-in.

use std::fs;
use std::process::Stdio;

use codling::demo::ScriptedAnswer;
use serde_json::json;

use super::fixture::Fixture;
use crate::stage::sentences;

#[test]
fn a_conversation_is_recorded_without_what_is_the_persons_and_played_again() {
    let fixture = Fixture::new();
    fixture.write("pear.txt", "a pear\n");
    let folder = fixture.folder().canonicalize().unwrap();
    let absolute = folder.join("pear.txt");
    let secret = "ghp_abcdefghijklmnop1234";
    fixture.script([
        ScriptedAnswer::calls("c1", "read", &json!({ "filePath": absolute })),
        ScriptedAnswer::calls(
            "c2",
            "edit",
            &json!({ "filePath": "pear.txt", "oldString": "a pear", "newString": "a plum" }),
        ),
        ScriptedAnswer::says(&format!(
            "Done for jane@corp.example with {secret} in {}",
            folder.display()
        )),
    ]);
    let output = fixture.run(&["--approval-mode", "auto", "make it a plum"]);
    assert!(output.status.success(), "{output:?}");
    let file = fixture.outside().join("plum.json");
    let codling = |folder: &std::path::Path, arguments: &[&str]| {
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_codling"));
        let mut command = fixture.stage.command(program, folder);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()
            .unwrap()
    };
    let recorded = codling(&fixture.folder(), &["demo", "--record", file.to_str().unwrap()]);
    assert!(recorded.status.success(), "{recorded:?}");
    let script = fs::read_to_string(&file).unwrap();
    for planted in [secret, "jane", "corp.example", folder.to_str().unwrap(), "encrypted"] {
        assert!(!script.contains(planted), "{planted} in {script}");
    }
    // In another folder the script does the same, and then the rules answer.
    let other = fixture.outside().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("pear.txt"), "a pear\n").unwrap();
    let script =
        ["demo", "--script", file.to_str().unwrap(), "run", "--approval-mode", "auto", "go"];
    let played = codling(&other, &script);
    assert!(played.status.success(), "{played:?}");
    assert_eq!(fs::read_to_string(other.join("pear.txt")).unwrap(), "a plum\n");
    let said = String::from_utf8_lossy(&played.stdout);
    assert!(said.contains("Done for somebody@example.com with [redacted] in ."), "{said}");
}

#[test]
fn what_cannot_be_recorded_or_played_says_why() {
    let fixture = Fixture::new();
    fixture.write("no.json", r#"{"version":9,"answers":[]}"#);
    let run = |arguments: &[&str]| {
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_codling"));
        let mut command = fixture.stage.command(program, &fixture.folder());
        let output = command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for (arguments, code, says) in [
        (vec!["demo", "--record", "x.json"], 2, sentences::NO_EARLIER_CONVERSATION),
        (vec!["demo", "--script", "no.json", "run", "hi"], 2, sentences::RECORDING_OF_VERSION_9),
        (vec!["demo", "--script", "gone.json", "run", "hi"], 2, "cannot be played"),
        (vec!["demo", "--session", "x", "run", "hi"], 2, "--record"),
    ] {
        let (exit, told) = run(&arguments);
        assert_eq!(exit, Some(code), "{arguments:?}: {told}");
        assert!(told.contains(says), "{arguments:?}: {told}");
    }
    assert!(fixture.read("x.json").is_none());
}
