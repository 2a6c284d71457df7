//! Splitting a text into its top-level blocks.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A slice of the source that is laid out on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub range: Range<usize>,
    pub kind: SegmentKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SegmentKind {
    Block,
    /// A fenced code block.
    Fence,
    /// One item of a list; the first has the list's numbering.
    Item {
        place: SegmentPlace,
        number: Option<u64>,
    },
    /// Source without parser events, such as link definitions.
    Raw,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SegmentPlace {
    First,
    Later,
}

pub(super) fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS
}

/// All segments in order; together they cover everything but blank lines.
pub(super) fn segments(source: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut depth = 0_usize;
    let mut lists = 0_usize;
    let mut inner_end = 0;
    for (event, range) in Parser::new_ext(source, options()).into_offset_iter() {
        if depth > 1 && !matches!(event, Event::End(TagEnd::Item)) {
            inner_end = inner_end.max(range.end);
        }
        match event {
            Event::Start(tag) => {
                match tag {
                    Tag::List(number) if depth == 0 => {
                        fill_gap(source, &mut segments, range.start);
                        lists = 1;
                        let start = line_start(source, range.start);
                        segments.push(Segment {
                            range: start..range.end,
                            kind: SegmentKind::Item { place: SegmentPlace::First, number },
                        });
                    }
                    Tag::Item if depth == 1 && lists > 0 => {
                        begin_item(source, &mut segments, &mut lists, range.start)
                    }
                    Tag::CodeBlock(CodeBlockKind::Fenced(_)) if depth == 0 => {
                        push(source, &mut segments, &range, SegmentKind::Fence)
                    }
                    _ if depth == 0 => push(source, &mut segments, &range, SegmentKind::Block),
                    _ => {}
                }
                depth += 1;
            }
            Event::End(end) => {
                depth -= 1;
                if depth == 0 && matches!(end, TagEnd::List(_)) {
                    lists = 0;
                    leave_definitions(source, &mut segments, inner_end);
                }
            }
            _ if depth == 0 => push(source, &mut segments, &range, SegmentKind::Block),
            _ => {}
        }
    }
    fill_gap(source, &mut segments, source.len());
    segments
}

fn push(source: &str, segments: &mut Vec<Segment>, range: &Range<usize>, kind: SegmentKind) {
    fill_gap(source, segments, range.start);
    // The indentation belongs to a block, because it may make it code.
    segments.push(Segment { range: line_start(source, range.start)..range.end, kind });
}

/// Ends the list's present segment where the next item begins.
fn begin_item(source: &str, segments: &mut Vec<Segment>, items: &mut usize, start: usize) {
    *items += 1;
    let start = line_start(source, start);
    let Some(last) = segments.last_mut() else { return };
    if *items == 2 {
        // The first item began with its list.
        return;
    }
    let end = std::mem::replace(&mut last.range.end, start);
    segments.push(Segment {
        range: start..end,
        kind: SegmentKind::Item { place: SegmentPlace::Later, number: None },
    });
}

/// Splits off link definitions that follow a list and that its range may include; they would be
/// lost in it.
fn leave_definitions(source: &str, segments: &mut [Segment], inner_end: usize) {
    let Some(last) = segments.last_mut() else { return };
    let slice = &source[last.range.clone()];
    let first_line = slice.find('\n').map_or(slice.len(), |feed| feed + 1);
    let end = inner_end.clamp(last.range.start + first_line, last.range.end);
    if source[end..last.range.end].trim_start().starts_with('[') {
        last.range.end = end;
    }
}

fn fill_gap(source: &str, segments: &mut Vec<Segment>, until: usize) {
    let from = segments.last().map_or(0, |segment| segment.range.end);
    let until = line_start(source, until).max(from);
    let gap = &source[from..until];
    if !gap.trim().is_empty() {
        segments.push(Segment { range: from..until, kind: SegmentKind::Raw });
    }
}

fn line_start(source: &str, at: usize) -> usize {
    match source[..at].rfind('\n') {
        _ if at == source.len() => at,
        Some(feed) if source[feed + 1..at].trim().is_empty() => feed + 1,
        None if source[..at].trim().is_empty() => 0,
        _ => at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slices(source: &str) -> Vec<(&str, SegmentKind)> {
        segments(source).into_iter().map(|segment| (&source[segment.range], segment.kind)).collect()
    }

    #[test]
    fn blocks_items_and_definitions_are_parted() {
        let first = |number| SegmentKind::Item { place: SegmentPlace::First, number };
        let later = SegmentKind::Item { place: SegmentPlace::Later, number: None };
        assert_eq!(
            slices(
                "# Title\ntext\nmore\n\n- one\n  - inner\n- two\n\n3. three\n4. four\n\n```rust\ncode\n```\n---\n    code\n"
            ),
            [
                ("# Title\n", SegmentKind::Block),
                ("text\nmore\n", SegmentKind::Block),
                ("- one\n  - inner\n", first(None)),
                ("- two\n\n", later),
                ("3. three\n", first(Some(3))),
                ("4. four\n\n", later),
                ("```rust\ncode\n```", SegmentKind::Fence),
                ("---\n", SegmentKind::Block),
                ("    code\n", SegmentKind::Block),
            ]
        );
        assert_eq!(
            slices("[1]: https://example.com\n\ntext [1]"),
            [("[1]: https://example.com\n\n", SegmentKind::Raw), ("text [1]", SegmentKind::Block)]
        );
    }

    #[test]
    fn nothing_but_blanks_is_lost() {
        for source in [
            "",
            "\n\n",
            "a",
            "  - a\n\n\n  - b\n",
            "> q\nlazy\n\n| a |\n|---|\n| b |\n\n<p>\nx\n",
            "a\n\n[x]: /y \"t\"\n",
            "1. a\n   b\n\n   c\n2. d",
        ] {
            let joined: String =
                segments(source).iter().map(|segment| &source[segment.range.clone()]).collect();
            let solid = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(solid(&joined), solid(source), "{source:?}");
        }
    }
}
