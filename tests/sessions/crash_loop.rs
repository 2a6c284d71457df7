//! The real program, killed a hundred times at moments spread over its records: only the
//! unfinished step is lost.

use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::stage::until;

use super::*;

/// Kills in one home; each home has its own stand-in. All records of the spread are among them.
const KILLS: usize = 25;
const WORLDS: usize = 4;
/// The most records after its start at which a program is killed: those of a turn's beginning and
/// of four steps.
const SPREAD: usize = 15;
/// After this many kills a new conversation begins, because the log would grow without limit.
const ONE_CONVERSATION: usize = 10;

impl Fixture {
    /// Enough steps for another run, each with its own call.
    fn provide_steps(&self, given: &mut usize) {
        while self.stage.stand.script_left() < SPREAD {
            *given += 1;
            let call = function_call(format!("call_{given}"), "read", r#"{"filePath":"notes.md"}"#);
            self.stage.stand.script([ScriptedAnswer::sse([
                created(),
                text("On it. "),
                item_done(),
                call,
                completed(Usage::default()),
            ])]);
        }
    }

    fn begin(&self, arguments: &[&str]) -> Killed {
        let mut command: Command =
            self.stage.command(Path::new(env!("CARGO_BIN_EXE_codling")), self.folder.path());
        Killed(command.args(arguments).spawn().unwrap())
    }

    /// All complete lines on the disk, oldest conversation first.
    fn whole_lines(&self) -> Vec<String> {
        let bytes: Vec<Vec<u8>> = self.logs().iter().map(|log| fs::read(log).unwrap()).collect();
        let whole = |bytes: &Vec<u8>| {
            bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
        };
        bytes
            .iter()
            .flat_map(|bytes| {
                std::str::from_utf8(&bytes[..whole(bytes)])
                    .unwrap()
                    .lines()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .collect()
    }
}

/// A program that is killed at the end of the test at the latest.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ended_before = self.0.kill();
        self.0.wait().unwrap();
    }
}

/// Checks that everything sent is on the disk: each prompt, and each output of a call.
fn assert_all_sent_is_kept(fixture: &Fixture, lines: &[String]) {
    let Some(last) = fixture.stage.stand.responses().pop() else { return };
    let records: Vec<Value> =
        lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let has = |kind: &str, field: &str, value: &Value| {
        records.iter().any(|record| record["type"] == kind && record[field] == *value)
    };
    for item in last.input() {
        match item["type"].as_str() {
            Some("function_call_output") => {
                assert!(has("output", "call", &item["call_id"]), "{item} {lines:#?}")
            }
            Some("function_call") => {
                assert!(has("call", "call", &item["call_id"]), "{item} {lines:#?}")
            }
            _ if item["role"] == "user" => {
                let said = &item["content"][0]["text"];
                assert!(
                    has("user", "text", said) || has("remark", "text", said),
                    "{item} {lines:#?}"
                );
            }
            _ => {}
        }
    }
}

fn kill_again_and_again(fixture: &Fixture) {
    let mut given = 0;
    for number in 0..KILLS {
        fixture.provide_steps(&mut given);
        let before = fixture.whole_lines();
        let begins = number % ONE_CONVERSATION == 0;
        let prompt = format!("go {number}");
        let arguments = ["run", &prompt, "--continue"];
        let killed = fixture.begin(if begins { &arguments[..2] } else { &arguments });
        let wanted = before.len() + (number + 1) % SPREAD;
        until(Duration::from_secs(20), &format!("{number}: {wanted} lines"), || {
            fixture.whole_lines().len() >= wanted
        });
        drop(killed);
        let after = fixture.whole_lines();
        assert_eq!(after[..before.len()], before, "{number}: what was on the disk stays there");
        assert_all_sent_is_kept(fixture, &after);
    }
    // The remaining steps end by themselves.
    while fixture.stage.stand.script_left() > 0 {
        out(&fixture.plain(&["run", "--continue", "on"]));
    }
    fixture.stage.stand.script([ScriptedAnswer::says("Done.")]);
    assert_eq!(out(&fixture.plain(&["run", "--continue", "end"])), "Done.\n");
    // The server's laws hold for all of it: each call has one output, interrupted ones too.
    fixture.stage.stand.check().unwrap();
}

#[test]
fn a_hundred_kills_lose_nothing_but_the_step_that_was_not_finished() {
    thread::scope(|scope| {
        let worlds = (0..WORLDS).map(|_| scope.spawn(|| kill_again_and_again(&Fixture::new())));
        for fixture in worlds.collect::<Vec<_>>() {
            fixture.join().unwrap();
        }
    });
}
