//! What a turn comes from, as a line of the log.

use super::LogLine;
use crate::protocol::TurnOrigin;

pub(super) fn write<'a>(origin: &'a TurnOrigin, line: LogLine<&'a str>) -> LogLine<&'a str> {
    let origin = match origin {
        TurnOrigin::Queued => "queued",
    };
    LogLine { kind: "turn_origin", origin: Some(origin), ..line }
}

/// `Some(None)` for what a newer codling may know; `None` for a damaged line.
pub(super) fn read(line: &LogLine<String>) -> Option<Option<TurnOrigin>> {
    Some(match line.origin.as_deref()? {
        "queued" => Some(TurnOrigin::Queued),
        _ => None,
    })
}
