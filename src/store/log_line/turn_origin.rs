//! The cause of a turn as a line of the log.

use super::LogLine;
use crate::protocol::TurnOrigin;

pub(super) fn write<'a>(origin: &'a TurnOrigin, line: LogLine<&'a str>) -> LogLine<&'a str> {
    let (origin, text) = match origin {
        TurnOrigin::Queued => ("queued", None),
        TurnOrigin::Review(what) => ("review", Some(what.as_str())),
    };
    LogLine { kind: "turn_origin", origin: Some(origin), text, ..line }
}

/// Reads the origin: `Some(None)` if only a newer codling may know it, `None` if the line is
/// damaged.
pub(super) fn read(line: &LogLine<String>) -> Option<Option<TurnOrigin>> {
    Some(match line.origin.as_deref()? {
        "queued" => Some(TurnOrigin::Queued),
        "review" => Some(TurnOrigin::Review(line.text.clone()?)),
        _ => None,
    })
}
