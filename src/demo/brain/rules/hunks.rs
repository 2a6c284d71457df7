//! Changes of lines as the two kinds of tools take them: a patch over files, or one text in the
//! place of another.

use std::ops::Range;

/// A file as it was read, with what is to become of some of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    pub path: String,
    pub lines: Vec<String>,
    /// The number of a line, counted from 0, and the lines that take its place; in order.
    pub edits: Vec<(usize, Vec<String>)>,
}

/// Lines of context on either side, where there are so many.
const AROUND: usize = 3;

impl Rewrite {
    /// `*** Update File` with its hunks.
    pub fn patch(&self) -> String {
        let mut text = format!("*** Update File: {}\n", self.path);
        for block in self.blocks() {
            text.push_str("@@\n");
            for at in block {
                match self.edit(at) {
                    Some(new) => {
                        text.push_str(&format!("-{}\n", self.lines[at]));
                        new.iter().for_each(|line| text.push_str(&format!("+{line}\n")));
                    }
                    None => text.push_str(&format!(" {}\n", self.lines[at])),
                }
            }
        }
        text
    }

    /// Old and new text, each old one there once.
    pub fn swaps(&self) -> Vec<(String, String)> {
        let old = |block: &Range<usize>| self.lines[block.clone()].join("\n");
        let new = |block: Range<usize>| {
            let lines = block.flat_map(|at| {
                self.edit(at).map_or_else(|| vec![self.lines[at].clone()], <[String]>::to_vec)
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        self.blocks().into_iter().map(|block| (old(&block), new(block))).collect()
    }

    fn edit(&self, at: usize) -> Option<&[String]> {
        self.edits.iter().find(|(line, _)| *line == at).map(|(_, new)| new.as_slice())
    }

    /// Runs of lines around the edits, grown until each can be told from all others.
    fn blocks(&self) -> Vec<Range<usize>> {
        let mut blocks: Vec<Range<usize>> = Vec::new();
        for (at, _) in &self.edits {
            let mut around = AROUND;
            let block = loop {
                let block = at.saturating_sub(around)..(at + around + 1).min(self.lines.len());
                if block.len() == self.lines.len() || self.is_unlike_others(&block) {
                    break block;
                }
                around += AROUND;
            };
            match blocks.last_mut().filter(|last| block.start <= last.end) {
                Some(last) => last.end = last.end.max(block.end),
                None => blocks.push(block),
            }
        }
        blocks
    }

    fn is_unlike_others(&self, block: &Range<usize>) -> bool {
        let own = &self.lines[block.clone()];
        let is_alone = self.lines.windows(block.len()).filter(|window| *window == own).count() == 1;
        // Also as a part of longer lines.
        is_alone && self.lines.join("\n").matches(&own.join("\n")).count() == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewrite(lines: &[&str], edits: &[(usize, &[&str])]) -> Rewrite {
        let owned =
            |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        Rewrite {
            path: "a.md".into(),
            lines: owned(lines),
            edits: edits.iter().map(|(at, new)| (*at, owned(new))).collect(),
        }
    }

    #[test]
    fn near_edits_share_a_hunk_and_far_ones_have_their_own() {
        let lines: Vec<String> = (0..20).map(|number| format!("l{number}")).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let patch = rewrite(&lines, &[(0, &["new", "l0"]), (2, &[]), (19, &["end"])]).patch();
        let expected = "*** Update File: a.md\n@@\n-l0\n+new\n+l0\n l1\n-l2\n l3\n l4\n l5\n@@\n l16\n l17\n l18\n-l19\n+end\n";
        assert_eq!(patch, expected);
    }

    #[test]
    fn what_is_replaced_is_there_once() {
        let lines = ["x"; 12].to_vec();
        let mut lines = lines;
        lines[0] = "first";
        let swaps = rewrite(&lines, &[(6, &["y"])]).swaps();
        assert_eq!(swaps.len(), 1);
        let (old, new) = &swaps[0];
        assert_eq!(lines.join("\n").matches(old.as_str()).count(), 1, "{old}");
        assert!(new.contains('y') && new.starts_with("first"), "{new}");
        assert_eq!(
            rewrite(&["only"], &[(0, &["other"])]).swaps(),
            [("only".to_owned(), "other".to_owned())]
        );
    }
}
