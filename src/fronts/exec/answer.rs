//! The answer's text on stdout. Each part is printed once, also when a broken stream begins again.

use std::collections::HashMap;

use crate::base::Console;
use crate::protocol::{EventKind, Item, ItemId, ItemKind, ItemOpening};

#[derive(Debug, Default)]
pub struct AnswerWriter {
    messages: HashMap<ItemId, Message>,
    last: Last,
    /// The printed text of a message whose stream broke. The new message usually begins alike; that
    /// part is not printed twice.
    ghost: Option<String>,
}

/// The last output on stdout.
#[derive(Debug, Default, PartialEq)]
enum Last {
    #[default]
    Nothing,
    Of(ItemId),
    /// Text that belongs to no message, because the message was dropped.
    Void,
}

#[derive(Debug, Default)]
struct Message {
    text: String,
    /// Bytes of the text on stdout.
    printed: usize,
}

impl AnswerWriter {
    pub fn show(&mut self, event: &EventKind, console: &mut Console) {
        match event {
            EventKind::ItemStarted { item, opening: ItemOpening::Assistant } => {
                self.messages.entry(item.clone()).or_default();
            }
            EventKind::TextDelta { item, text } => {
                self.messages.entry(item.clone()).or_default().text.push_str(text);
                self.print(item, console);
            }
            EventKind::ItemDone(Item { id, kind: ItemKind::Assistant { text, .. }, .. }) => {
                self.finish(id, text, console)
            }
            EventKind::ItemDropped(item) => self.drop_message(item),
            _ => {}
        }
    }

    fn print(&mut self, id: &ItemId, console: &mut Console) {
        let Some(message) = self.messages.get_mut(id) else { return };
        if let Some(ghost) = self.ghost.take() {
            if ghost.len() > message.text.len() && ghost.starts_with(&message.text) {
                self.ghost = Some(ghost);
                return;
            }
            if message.text.starts_with(&ghost) {
                message.printed = ghost.len();
                self.last = Last::Of(id.clone());
            }
        }
        if message.printed == message.text.len() {
            return;
        }
        let here = Last::Of(id.clone());
        if self.last != here {
            if self.last != Last::Nothing {
                console.end_line();
                console.print("\n");
            }
            self.last = here;
        }
        console.print(&message.text[message.printed..]);
        message.printed = message.text.len();
    }

    /// Prints the rest of the final text, or all of it if the deltas differed.
    fn finish(&mut self, id: &ItemId, whole: &str, console: &mut Console) {
        let message = self.messages.entry(id.clone()).or_default();
        if !whole.starts_with(&message.text[..message.printed]) {
            message.printed = 0;
            self.last = Last::Void;
        }
        message.text = whole.to_owned();
        if self.ghost.as_deref().is_some_and(|ghost| ghost.len() > whole.len()) {
            self.ghost = None;
        }
        self.print(id, console);
        self.messages.remove(id);
    }

    fn drop_message(&mut self, id: &ItemId) {
        if let Some(message) = self.messages.remove(id)
            && message.printed > 0
        {
            self.ghost = Some(message.text[..message.printed].to_owned());
        }
    }
}
