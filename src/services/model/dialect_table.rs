//! The table of wire dialects, and how settings find one by its name.

use super::anthropic::Anthropic;
use super::chat::Chat;
use super::dialect::{BodyTerms, Dialect, Exchange};
use super::responses::Responses;
use crate::base::Timestamp;
use crate::protocol::{AccessKind, Model, ModelRef, ModelRequest, ProviderId, SessionId};

/// All dialects, the built-in provider's first. A new one is a folder beside `responses/` and a row
/// in this table.
static DIALECTS: &[&dyn Dialect] = &[
    &Responses,
    &Chat,
    &Anthropic,
    #[cfg(test)]
    &super::lines::Lines,
];

/// The one that OpenAI speaks.
pub fn built_in() -> &'static dyn Dialect {
    DIALECTS[0]
}

/// The names of all dialects, in the order of the table.
pub fn names() -> impl Iterator<Item = &'static str> {
    DIALECTS.iter().map(|dialect| dialect.name())
}

/// The dialect of this name.
pub fn named(name: &str) -> Option<&'static dyn Dialect> {
    DIALECTS.iter().copied().find(|dialect| dialect.name() == name)
}

/// The number of deltas that the decoder of a dialect makes of the events of one answer; zero for a
/// dialect that is not known.
pub fn count_deltas<'a>(dialect: &str, events: impl Iterator<Item = &'a str>) -> usize {
    let model = ModelRef::new(ProviderId::new("bench"), "large");
    let (kind, facts) = (AccessKind::ApiKey, Model::unknown(model.clone()));
    let request = ModelRequest::plain(SessionId::new("ses_bench"), model, Vec::new());
    let terms = BodyTerms { kind: &kind, model: &facts, conceded: &[] };
    let exchange = named(dialect).and_then(|dialect| dialect.exchange("b", &request, terms).ok());
    let Some(Exchange { mut decoder, .. }) = exchange else { return 0 };
    let mut count = 0;
    for event in events {
        if decoder.take(event, Timestamp(0), &mut |_delta| count += 1).is_some() {
            break;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_is_found_by_a_name_of_its_own() {
        let all: Vec<_> = names().collect();
        assert_eq!(all, ["responses", "chat", "anthropic", "lines"]);
        assert!(all.iter().all(|name| named(name).is_some_and(|one| one.name() == *name)));
        assert_eq!(built_in().name(), "responses");
        assert!(named("gopher").is_none());
    }
}
