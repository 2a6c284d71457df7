//! The text of a patch taken apart. Lenient where only one meaning is possible.

use crate::base::phrases::shorten;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::files::matching::Edit;

use super::hunk::{Hunk, HunkAnchor, PatchSection, SectionAction};

const BEGIN: &str = "*** Begin Patch";
const END: &str = "*** End Patch";
const ADD: &str = "*** Add File:";
const DELETE: &str = "*** Delete File:";
const UPDATE: &str = "*** Update File:";
const MOVE: &str = "*** Move to:";
const END_OF_FILE: &str = "*** End of File";

/// Lines that name a file.
pub const HEADS: [&str; 4] = [ADD, DELETE, UPDATE, MOVE];

/// The reason to refuse a patch whose line ends were escaped once too often.
const ESCAPED: &str =
    r"has `\n` written as two characters where a line ends. Send the patch with real line ends";

/// Sections of one patch.
const SECTIONS: usize = 1000;

/// In their order.
///
/// # Errors
///
/// Refuses a patch at the first line that cannot be read, and one of too many files.
pub fn sections(input: &str) -> Result<Vec<PatchSection<'_>>, ToolRefusal> {
    let mut reader = Reader::open(input)?;
    let mut sections = Vec::new();
    while let Some((number, line)) = reader.next() {
        if line.trim().is_empty() {
            continue;
        }
        if sections.len() == SECTIONS {
            return Err(refuse(
                number,
                format!("begins more than {SECTIONS} files: make several patches of it"),
            ));
        }
        // Between files nothing else can be meant: blanks before a mark are slips.
        let line = line.trim_start();
        let section = if let Some(path) = line.strip_prefix(ADD) {
            PatchSection {
                path: named(path, number)?,
                action: SectionAction::Add(reader.content()?),
            }
        } else if let Some(path) = line.strip_prefix(DELETE) {
            PatchSection { path: named(path, number)?, action: SectionAction::Delete }
        } else if let Some(path) = line.strip_prefix(UPDATE) {
            PatchSection { path: named(path, number)?, action: reader.update(number)? }
        } else {
            let found = shorten(line, 60);
            return Err(refuse(
                number,
                format!(
                    "is `{found}`, where `{ADD} PATH`, `{UPDATE} PATH`, `{DELETE} PATH` or `{END}` has to stand"
                ),
            ));
        };
        sections.push(section);
    }
    if sections.is_empty() {
        Err(refuse(reader.at, "ends it, and it names no file".to_owned()))
    } else {
        Ok(sections)
    }
}

fn named(path: &str, number: usize) -> Result<&str, ToolRefusal> {
    let path = path.trim();
    if path.is_empty() {
        Err(refuse(number, "names no file".to_owned()))
    } else if is_escaped(path, "") {
        Err(refuse(number, ESCAPED.to_owned()))
    } else {
        Ok(path)
    }
}

fn refuse(line: usize, reason: String) -> ToolRefusal {
    ToolRefusal::Patch { line, reason }
}

/// Whether a line that begins like this goes on with lines of a patch whose ends are written as two
/// characters.
fn is_escaped(line: &str, begin: &str) -> bool {
    let line = line.trim_start_matches(['\u{feff}', '"']).trim_start();
    let Some(rest) = line.strip_prefix(begin) else { return false };
    let mut parts = rest.split(r"\n").skip(1);
    parts.any(|part| part.starts_with("*** ") || part.starts_with("@@") || part.starts_with('+'))
}

/// Whether the last mark, with blanks before it, may be a line of a file that stays, behind which
/// the patch was cut off. Where the first mark has the same blanks before it, it is not.
fn may_be_context(line: &str, begin: &str) -> bool {
    let indent = |line: &str| line.len() - line.trim_start().len();
    line.starts_with(' ') && indent(line) != indent(begin.trim_start_matches('\u{feff}'))
}

/// The lines between the marks, numbered as in the text.
struct Reader<'a> {
    lines: Vec<&'a str>,
    /// The number of the next line, less one.
    at: usize,
    end: usize,
}

impl<'a> Reader<'a> {
    fn open(input: &'a str) -> Result<Self, ToolRefusal> {
        let lines: Vec<&str> = input.split('\n').collect();
        let is = |line: &str, mark: &str| line.trim_end() == mark;
        let Some(begin) = lines
            .iter()
            .position(|line| is(line.trim_start_matches('\u{feff}').trim_start(), BEGIN))
        else {
            return Err(match lines.iter().position(|line| is_escaped(line, BEGIN)) {
                Some(at) => refuse(at + 1, ESCAPED.to_owned()),
                None => refuse(1, format!("has to be `{BEGIN}`")),
            });
        };
        let wrap = Wrap::around(&lines[..begin])?;
        let rest = &lines[begin + 1..];
        let at = begin + 1;
        let last =
            rest.iter().rposition(|line| !line.trim().is_empty() && !wrap.is_closed_by(line));
        let is_closed = last.is_some_and(|last| {
            rest[last + 1..].iter().any(|line| !line.trim().is_empty() && wrap.is_closed_by(line))
        });
        let padded = last.filter(|last| {
            let mark = rest[*last].trim_start();
            is(mark, END) && (is_closed || !may_be_context(rest[*last], lines[begin]))
        });
        // Without its last line it may have been cut off, wherever it ends.
        let Some(end) = rest.iter().position(|line| is(line, END)).or(padded) else {
            let head = rest.iter().position(|line| HEADS.iter().any(|head| is_escaped(line, head)));
            if let Some(head) = head {
                return Err(refuse(at + head + 1, ESCAPED.to_owned()));
            }
            return Err(refuse(
                last.map_or(at, |last| at + last + 1),
                format!(
                    "is the last one and not `{END}`: the patch may have been cut off. Send it again, whole"
                ),
            ));
        };
        let end = at + end;
        let more = lines[end + 1..]
            .iter()
            .position(|line| !line.trim().is_empty() && !wrap.is_closed_by(line));
        match more {
            None => Ok(Self { lines, at, end }),
            Some(more) => Err(refuse(
                end + 2 + more,
                format!("comes after `{END}`: one call takes one patch"),
            )),
        }
    }

    fn peek(&self) -> Option<&'a str> {
        // `\r` is how the patch was sent; files have their own line ends.
        (self.at < self.end)
            .then(|| self.lines[self.at].strip_suffix('\r').unwrap_or(self.lines[self.at]))
    }

    fn next(&mut self) -> Option<(usize, &'a str)> {
        let line = self.peek()?;
        self.at += 1;
        Some((self.at, line))
    }

    /// The next line, unless it begins something else.
    fn within(&mut self) -> Option<(usize, &'a str)> {
        self.peek().filter(|line| !line.trim_start().starts_with("*** "))?;
        self.next()
    }

    /// The text of a new file.
    fn content(&mut self) -> Result<String, ToolRefusal> {
        let mut text = String::new();
        let mut blank = 0;
        while let Some((number, line)) = self.within() {
            match line.strip_prefix('+') {
                Some(line) => {
                    // Blank lines between others are meant to be there; at the end they are not.
                    text.extend(std::iter::repeat_n('\n', std::mem::take(&mut blank)));
                    text.push_str(line);
                    text.push('\n');
                }
                None if line.trim().is_empty() => blank += 1,
                None => {
                    return Err(refuse(
                        number,
                        "does not begin with `+`, as every line of a new file has to".to_owned(),
                    ));
                }
            }
        }
        Ok(text)
    }

    fn update(&mut self, head: usize) -> Result<SectionAction<'a>, ToolRefusal> {
        let mut to = None;
        while let Some(path) = self.peek().and_then(|line| line.trim_start().strip_prefix(MOVE)) {
            let (number, _) = self.next().unwrap_or((head, ""));
            if to.replace(named(path, number)?).is_some() {
                return Err(refuse(number, "moves the file a second time".to_owned()));
            }
        }
        let mut hunks = Vec::new();
        while let Some(hunk) = self.hunk()? {
            hunks.push(hunk);
        }
        if hunks.is_empty() && to.is_none() {
            return Err(refuse(head, "changes a file, and no change of it follows".to_owned()));
        }
        Ok(SectionAction::Update { to, hunks })
    }

    fn hunk(&mut self) -> Result<Option<Hunk<'a>>, ToolRefusal> {
        let mut hunk = Hunk::default();
        // As at its end: they part hunks.
        while self.peek().is_some_and(str::is_empty) {
            self.at += 1;
        }
        let first = self.at + 1;
        let mut marked = false;
        while let Some(line) = self.peek().filter(|line| line.starts_with("@@")) {
            self.at += 1;
            marked = true;
            let (line, anchor) = anchor(line);
            hunk.line = line.or(hunk.line);
            hunk.anchors.extend(anchor);
        }
        while let Some(line) =
            self.peek().filter(|line| !line.starts_with("@@") && !line.starts_with("*** "))
        {
            self.at += 1;
            match line.chars().next() {
                Some('+') => hunk.edits.push(Edit::Add(&line[1..])),
                Some('-') => hunk.edits.push(Edit::Remove(&line[1..])),
                Some(' ') => hunk.edits.push(Edit::Keep(&line[1..])),
                None => hunk.edits.push(Edit::Keep("")),
                // The file itself knows its final line end.
                Some('\\') => {}
                Some(_) => {
                    let found = shorten(line, 60);
                    return Err(refuse(
                        self.at,
                        format!(
                            "is `{found}`, and begins with neither a blank nor `-`, `+` or `@@`"
                        ),
                    ));
                }
            }
        }
        self.drop_blank_end(&mut hunk);
        if self.peek().is_some_and(|line| line.trim_end() == END_OF_FILE) {
            self.at += 1;
            hunk.stand = HunkAnchor::AtEnd;
        }
        if !hunk.edits.iter().any(|edit| !matches!(edit, Edit::Keep(_))) {
            return match marked || !hunk.edits.is_empty() || hunk.stand == HunkAnchor::AtEnd {
                true => {
                    Err(refuse(first, "begins a hunk that adds and removes nothing".to_owned()))
                }
                false => Ok(None),
            };
        }
        Ok(Some(hunk))
    }

    /// Wholly empty lines before the next mark part hunks more often than they are meant as
    /// context, and less context does no harm.
    fn drop_blank_end(&self, hunk: &mut Hunk<'a>) {
        let mut line = self.at;
        while matches!(hunk.edits.last(), Some(Edit::Keep("")))
            && line > 0
            && self.lines[line - 1].trim_end_matches('\r').is_empty()
        {
            hunk.edits.pop();
            line -= 1;
        }
    }
}

/// `@@ -1,4 +1,5 @@ text`, or `@@ text`; the line number of the first form, and the text if there
/// is any.
fn anchor(line: &str) -> (Option<usize>, Option<&str>) {
    let rest = line.trim_start_matches('@');
    let unified = rest.trim_start().strip_prefix('-').and_then(|ranges| {
        let (ranges, text) = ranges.split_once("@@")?;
        let (old, new) = ranges.trim().split_once(" +")?;
        let is_range = |range: &str| {
            range.split(',').all(|number| {
                !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        let number = old.split(',').next()?.parse().ok()?;
        (is_range(old) && is_range(new)).then_some((number, text))
    });
    match unified {
        // The text after the numbers is for readers: often shortened, and not always above.
        Some((number, _text)) => (Some(number), None),
        None => {
            let text = rest.strip_prefix(' ').unwrap_or(rest).trim_end();
            (None, (!text.trim().is_empty()).then_some(text))
        }
    }
}

/// The wrapping that models put around a patch.
enum Wrap<'a> {
    Fence,
    Heredoc(&'a str),
    None,
}

impl<'a> Wrap<'a> {
    fn around(before: &[&'a str]) -> Result<Self, ToolRefusal> {
        let mut wrap = Wrap::None;
        for (number, line) in before.iter().enumerate().filter(|(_, line)| !line.trim().is_empty())
        {
            let line = line.trim();
            wrap = match (line.split_once("<<"), line.starts_with("```")) {
                (Some((_, word)), _) => {
                    Wrap::Heredoc(word.trim_start_matches('-').trim().trim_matches(['\'', '"']))
                }
                (None, true) => Wrap::Fence,
                (None, false) => return Err(refuse(number + 1, format!("comes before `{BEGIN}`"))),
            };
        }
        Ok(wrap)
    }

    fn is_closed_by(&self, line: &str) -> bool {
        match self {
            Wrap::Fence => line.trim() == "```",
            // A fence may be around it, and quotes or brackets of the command.
            Wrap::Heredoc(word) => line.trim() == *word || line.trim() == "```",
            Wrap::None => false,
        }
    }
}
