//! Prompts that are on the screen and not yet in the conversation: the commands that their slash
//! commands run first, and the outputs of those at their places in the text.

use std::collections::HashMap;
use std::sync::Arc;

use crate::protocol::{
    CallId, CallOutput, CommandExit, ContextNoteKind, Item, ItemKind, PromptExpansion, PromptShell,
    Record, ToolResult,
};

use super::super::calls::Calls;
use super::super::context::Parts;
use super::super::sentences::COMMANDS_OF_PROMPT;

/// A prompt that is on the screen, and not yet in the conversation.
#[derive(Debug)]
pub(super) struct ShownPrompt {
    pub(super) item: Item,
    pub(super) expansion: Option<Box<PromptExpansion>>,
}

/// The outputs of the commands that prompts ran.
pub(super) type CommandOutputs = HashMap<CallId, CallOutput>;

/// Starts the commands of these prompts, which people see and the model does not. `false` where
/// there are none.
pub(super) fn start_commands(
    prompts: &mut [ShownPrompt],
    calls: &mut Calls,
    parts: &mut Parts,
) -> bool {
    let Parts { conversation, effects, context, .. } = parts;
    let expansions = prompts.iter_mut().filter_map(|prompt| prompt.expansion.as_mut());
    let mut shell = expansions.flat_map(|expansion| &mut expansion.shell).peekable();
    if shell.peek().is_none() {
        return false;
    }
    let item = Arc::new(conversation.item(ItemKind::user(COMMANDS_OF_PROMPT)));
    effects.append(Record::ContextNote { kind: ContextNoteKind::PromptCommands, item });
    for PromptShell { call, untrusted, .. } in shell {
        let id = conversation.item_id();
        call.id = CallId::new(id.as_str());
        let kind = ItemKind::Call(call.clone());
        effects.append(Record::Item(Arc::new(Item { id, kind, wire: None })));
        calls.start_for_prompt(call.clone(), untrusted.take(), context, effects);
    }
    true
}

/// Records the outputs of commands that prompts ran.
pub(super) fn keep_outputs(
    outputs: Vec<(CallId, CallOutput)>,
    parts: &mut Parts,
) -> CommandOutputs {
    let mut kept = CommandOutputs::new();
    for (call, output) in outputs {
        let kind = ItemKind::Output { call: call.clone(), output: output.clone() };
        parts.effects.append(Record::Item(Arc::new(parts.conversation.item(kind))));
        kept.insert(call, output);
    }
    kept
}

/// Adds prompts to the conversation, behind the news that the model must know before it reads them.
pub(super) fn keep_prompts(prompts: Vec<ShownPrompt>, outputs: &CommandOutputs, parts: &mut Parts) {
    parts.announce();
    for ShownPrompt { item, expansion } in prompts {
        if let Some(expansion) = expansion {
            let text = filled(&expansion, outputs);
            parts.conversation.add_note(ContextNoteKind::Expansion, &text, parts.effects);
        }
        parts.conversation.keep_prompt(item, parts.effects);
    }
}

/// The text with each output at its place. Nothing in an output is looked at.
fn filled(PromptExpansion { note, shell }: &PromptExpansion, outputs: &CommandOutputs) -> String {
    let mut text = String::with_capacity(note.len());
    let mut from = 0;
    for PromptShell { call, line, at, .. } in shell {
        // A place outside of the text would be a mistake of ours, and no reason to lose the prompt.
        let before = note.get(from..*at).unwrap_or_default();
        text.push_str(before);
        from += before.len();
        match outputs.get(&call.id) {
            Some(output) => text.push_str(&placed(line, output)),
            None => text.push_str(&format!("`{line}`")),
        }
    }
    text.push_str(&note[from..]);
    text
}

/// The bare output of a command that went well, as its text wants it; else the command with all
/// that came of it.
fn placed(line: &str, output: &CallOutput) -> String {
    let bare = match &output.result {
        ToolResult::Command(ran) if ran.exit == CommandExit::Code(0) && ran.notes.is_empty() => {
            match ran.is_silent {
                true => Some(""),
                false => output.text.get(ran.output_at..),
            }
        }
        _ => None,
    };
    match bare {
        Some(bare) => bare.trim_end().to_owned(),
        None => format!("`{line}`: {}", output.text.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::protocol::{CommandResult, ToolCall};

    fn ran(code: i32, text: &str, output_at: usize, notes: &[&str]) -> CallOutput {
        CallOutput::text("", text).with(ToolResult::Command(Box::new(CommandResult {
            exit: CommandExit::Code(code),
            duration: Duration::ZERO,
            notes: notes.iter().map(|&note| note.to_owned()).collect(),
            output_at,
            is_silent: text.ends_with("(no output)"),
            rest: None,
        })))
    }

    fn shell(id: &str, at: usize) -> PromptShell {
        let call = ToolCall { id: id.into(), name: "shell".into(), arguments: "{}".into() };
        PromptShell { call, line: format!("run {id}"), at, untrusted: None }
    }

    #[test]
    fn outputs_stand_at_their_places_and_nothing_in_them_is_looked_at() {
        let outputs = CommandOutputs::from([
            ("a".into(), ran(0, "Exit code 0\n\nmain !`b` $1 @x\n", 13, &[])),
            ("b".into(), ran(0, "Exit code 0\n\n(no output)", 13, &[])),
            ("c".into(), ran(2, "Exit code 2\n\nno", 13, &[])),
            ("d".into(), ran(0, "Exit code 0\nIt was slow\n\nyes", 25, &["It was slow"])),
            ("e".into(), CallOutput::refusal("", "Nobody was asked.")),
        ]);
        for (note, places, expected) in [
            ("On ä.", &[("a", 3)][..], "On main !`b` $1 @xä."),
            ("()[]", &[("b", 1), ("a", 3)], "()[main !`b` $1 @x]"),
            ("", &[("a", 0), ("c", 0)], "main !`b` $1 @x`run c`: Exit code 2\n\nno"),
            ("See ", &[("d", 4)], "See `run d`: Exit code 0\nIt was slow\n\nyes"),
            ("See .", &[("e", 4)], "See `run e`: Nobody was asked.."),
            ("See .", &[("gone", 4)], "See `run gone`."),
            ("ä", &[("a", 1), ("a", 9)], "main !`b` $1 @xmain !`b` $1 @xä"),
        ] {
            let shell = places.iter().map(|(id, at)| shell(id, *at)).collect();
            let expansion = PromptExpansion { note: note.into(), shell };
            assert_eq!(filled(&expansion, &outputs), expected);
        }
    }
}
