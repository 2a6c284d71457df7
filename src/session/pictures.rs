//! Pictures that the server refuses: they are dropped from the conversation for a note, so that it
//! can go on.

use std::sync::Arc;

use crate::protocol::{CallOutput, EventKind, Item, ItemId, ItemKind, Notice, Problem, Record};

use super::Session;
use super::effect::EffectQueue;

impl Session {
    /// Drops the pictures that came since the model's last word; where there are none, all of them. `false` when there is no picture to drop.
    pub(super) fn drop_pictures(&mut self, problem: &Problem, effects: &mut EffectQueue) -> bool {
        let sent = self.in_use();
        let heard = sent.iter().rposition(|item| item.wire.is_some()).map_or(0, |last| last + 1);
        let from = if sent[heard..].iter().any(|item| pictures(item) > 0) { heard } else { 0 };
        let dropped: Vec<(ItemId, usize)> = sent[from..]
            .iter()
            .map(|item| (item.id.clone(), pictures(item)))
            .filter(|(_, count)| *count > 0)
            .collect();
        let count: usize = dropped.iter().map(|(_, count)| count).sum();
        for (item, _) in dropped {
            self.blind(&item, &problem.message);
            effects.append(Record::PicturesDropped { item, why: problem.message.clone() });
        }
        if count > 0 {
            let it = if count == 1 { "it".into() } else { format!("{count} pictures") };
            let message = format!("{}. The conversation goes on without {it}", problem.message);
            effects.tell(EventKind::Notice(Notice {
                message,
                next: Some("Convert what is missing to PNG or JPEG, or make it smaller".into()),
            }));
        }
        count > 0
    }

    /// Leaves the pictures of an item out, for a note to the model.
    pub(super) fn blind(&mut self, item: &ItemId, why: &str) {
        self.each_form(|items| {
            for item in items.iter_mut().filter(|other| other.id == *item) {
                if let Some(kind) = without_pictures(&item.kind, why) {
                    *item = Arc::new(Item { kind, ..(**item).clone() });
                }
            }
        });
    }
}

fn pictures(item: &Item) -> usize {
    match &item.kind {
        ItemKind::User { images, .. } => images.len(),
        ItemKind::Output { output, .. } => output.images.len(),
        _ => 0,
    }
}

fn without_pictures(kind: &ItemKind, why: &str) -> Option<ItemKind> {
    let noted = |text: &str, count: usize| {
        let what =
            if count == 1 { "A picture was".into() } else { format!("{count} pictures were") };
        let note = format!("({what} left out here. {why}.)");
        if text.is_empty() { note } else { format!("{text}\n\n{note}") }
    };
    match kind {
        ItemKind::User { text, images } if !images.is_empty() => {
            Some(ItemKind::User { text: noted(text, images.len()), images: Vec::new() })
        }
        ItemKind::Output { call, output } if !output.images.is_empty() => {
            let text = noted(&output.text, output.images.len());
            Some(ItemKind::Output {
                call: call.clone(),
                output: CallOutput { text, images: Vec::new(), ..output.clone() },
            })
        }
        _ => None,
    }
}
