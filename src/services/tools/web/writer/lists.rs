//! Quotes and lists, and what lines within them begin with. Writes no word.

use super::{DEEPEST, Surrounding, TextWriter};

impl TextWriter {
    pub fn quote(&mut self) {
        self.block();
        if !self.lead.is_empty() {
            self.lead.push_str(self.quote_sign());
        }
        self.enter(Surrounding::Quote);
    }

    pub fn end_quote(&mut self) {
        self.grant(|at| at == Surrounding::Quote);
        self.block();
    }

    /// A list, with its first number where it has numbers.
    pub fn list(&mut self, first: Option<u32>) {
        self.feed(if self.is_in_list() { 1 } else { 2 });
        self.enter(first.map_or(Surrounding::Unordered, Surrounding::Ordered));
    }

    pub fn end_list(&mut self) {
        self.grant(is_list);
        self.feed(if self.is_in_list() { 1 } else { 2 });
    }

    pub fn item(&mut self) {
        if let Some(list) = self.boxes.iter().rposition(|at| is_list(*at)) {
            self.shrink(list + 1);
        }
        self.line();
        if self.is_in_row() {
            return;
        }
        let marker = match self.boxes.last_mut() {
            Some(Surrounding::Ordered(number)) => {
                *number = number.saturating_add(1);
                format!("{}. ", number.saturating_sub(1))
            }
            _ => "- ".to_owned(),
        };
        if self.boxes.len() < DEEPEST {
            if self.lead.is_empty() {
                self.lead_from = self.boxes.len();
            }
            self.lead.push_str(&marker);
        }
        self.enter(Surrounding::Item(marker.len()));
    }

    pub fn end_item(&mut self) {
        self.grant(|at| matches!(at, Surrounding::Item(_)));
        self.line();
    }

    fn enter(&mut self, at: Surrounding) {
        if self.boxes.len() < DEEPEST && !self.is_in_row() {
            self.boxes.push(at);
        }
    }

    fn grant(&mut self, is_it: impl Fn(Surrounding) -> bool) {
        if let Some(at) = self.boxes.iter().rposition(|at| is_it(*at)) {
            self.shrink(at);
        }
    }

    /// An item that has no word has no marker either.
    fn shrink(&mut self, boxes: usize) {
        self.boxes.truncate(boxes);
        if boxes <= self.lead_from {
            self.lead.clear();
        }
    }

    fn is_in_list(&self) -> bool {
        self.boxes.iter().any(|at| is_list(*at))
    }
}

fn is_list(at: Surrounding) -> bool {
    matches!(at, Surrounding::Ordered(_) | Surrounding::Unordered)
}
