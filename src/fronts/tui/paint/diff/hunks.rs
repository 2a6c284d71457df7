//! Reading the lines of unified hunks with their numbers.

/// A line of a hunk, or the gap between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HunkLine<'a> {
    pub sign: Sign,
    /// The line number in the new file; in the old one for a removed line.
    pub number: Option<u32>,
    /// The line number in the old file; `None` for an added line.
    pub old: Option<u32>,
    /// The text without sign and line feed.
    pub text: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Added,
    /// Lines left out between two hunks.
    Gap,
    Kept,
    /// A remark about the previous line.
    Remark,
    Removed,
}

/// Reads hunk lines; never fails: anything else is a remark.
#[derive(Debug)]
pub(super) struct HunkLines<'a> {
    rest: &'a str,
    old: u32,
    new: u32,
    first: bool,
}

impl<'a> HunkLines<'a> {
    pub fn new(hunks: &'a str) -> Self {
        Self { rest: hunks, old: 0, new: 0, first: true }
    }

    /// The number of remaining lines.
    pub fn left(self) -> usize {
        self.filter(|line| line.sign != Sign::Gap).count()
    }

    fn head(&mut self, head: &str) -> Option<HunkLine<'a>> {
        (self.old, self.new) = starts(head);
        let is_first = std::mem::replace(&mut self.first, false);
        (!is_first).then_some(HunkLine { sign: Sign::Gap, number: None, old: None, text: "" })
    }
}

impl<'a> Iterator for HunkLines<'a> {
    type Item = HunkLine<'a>;

    fn next(&mut self) -> Option<HunkLine<'a>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
            self.rest = rest;
            let mut count = |counter: fn(&mut Self) -> &mut u32| {
                let number = counter(self);
                let now = *number;
                *number = now.saturating_add(1);
                Some(now)
            };
            let (sign, old, number) = match line.as_bytes().first() {
                Some(b'@') => match self.head(line) {
                    Some(gap) => return Some(gap),
                    None => continue,
                },
                Some(b'+') => (Sign::Added, None, count(|lines| &mut lines.new)),
                Some(b'-') => {
                    let old = count(|lines| &mut lines.old);
                    (Sign::Removed, old, old)
                }
                Some(b' ') | None => {
                    let old = count(|lines| &mut lines.old);
                    (Sign::Kept, old, count(|lines| &mut lines.new))
                }
                Some(_) => (Sign::Remark, None, None),
            };
            let marked = usize::from(matches!(line.as_bytes().first(), Some(b'+' | b'-' | b' ')));
            return Some(HunkLine { sign, number, old, text: &line[marked..] });
        }
    }
}

/// The width of the largest line number, found in the last hunk's head.
pub(super) fn number_columns(hunks: &str) -> usize {
    let at = hunks.rfind("\n@@ ").map_or(0, |at| at + 1);
    let head = hunks[at..].lines().next().unwrap_or_default();
    let last = sides(head).map(|(start, length)| start.saturating_add(length)).max().unwrap_or(0);
    last.saturating_sub(1).max(1).ilog10() as usize + 1
}

fn starts(head: &str) -> (u32, u32) {
    let mut sides = sides(head).map(|(start, _)| start);
    (sides.next().unwrap_or(0), sides.next().unwrap_or(0))
}

/// The ranges `-1,4` and `+1,5` in a hunk's head.
fn sides(head: &str) -> impl Iterator<Item = (u32, u32)> {
    head.split(' ').skip(1).take(2).map(|side| {
        let side = side.get(1..).unwrap_or_default();
        let (start, length) = side.split_once(',').unwrap_or((side, "1"));
        (start.parse().unwrap_or(0), length.parse().unwrap_or(0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_on_their_own_side() {
        let hunks = "@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three\n\\ No newline at end of file\n@@ -90,2 +90,3 @@ fn x()\n+a\n b\n\n";
        let read: Vec<_> =
            HunkLines::new(hunks).map(|line| (line.sign, line.number, line.text)).collect();
        assert_eq!(
            read,
            [
                (Sign::Kept, Some(1), "one"),
                (Sign::Removed, Some(2), "two"),
                (Sign::Added, Some(2), "zwei"),
                (Sign::Kept, Some(3), "three"),
                (Sign::Remark, None, "\\ No newline at end of file"),
                (Sign::Gap, None, ""),
                (Sign::Added, Some(90), "a"),
                (Sign::Kept, Some(91), "b"),
                (Sign::Kept, Some(92), ""),
            ]
        );
        assert_eq!(HunkLines::new(hunks).left(), 8);
        assert_eq!(number_columns(hunks), 2);
    }

    #[test]
    fn what_is_no_hunk_is_read_all_the_same() {
        for hunks in [
            "",
            "\n",
            "@@",
            "@@ -x +y @@\n",
            "@@ -4294967295,4294967295 +4294967295 @@\n+a\n+b",
            "nonsense\n",
            "@@ é\n+é",
            "é",
        ] {
            assert!(HunkLines::new(hunks).count() <= 2, "{hunks:?}");
            assert!(number_columns(hunks) <= 10, "{hunks:?}");
        }
    }
}
