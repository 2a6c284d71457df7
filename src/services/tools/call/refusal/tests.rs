//! The sentences of refusals.

use super::*;

/// The only place where these sentences are asserted: others assert on the kind.
#[test]
fn every_refusal_is_a_sentence_that_says_what_to_do() {
    let a = || "a".to_owned();
    let size = |text: &str| text.to_owned();
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    for (refusal, sentence) in [
        (
            ToolRefusal::AlreadyThere { shown: a(), with: "`edit`" },
            "`a` is already there. Change it with `edit`",
        ),
        (
            ToolRefusal::Ambiguous { shown: a(), lines: vec![1, 3] },
            "`oldString` stands more than once in `a`: at lines 1 and 3. Give more of the lines around the one that is meant, or set `replaceAll`",
        ),
        (
            ToolRefusal::Arguments { reason: "they are a list".into() },
            "The arguments are not a JSON object: they are a list",
        ),
        (
            ToolRefusal::Binary { shown: a(), size: size("7 bytes") },
            "`a` is a binary file (7 bytes), which cannot be read as text",
        ),
        (
            ToolRefusal::BinaryChange { shown: a() },
            "`a` is a binary file, and only text can be changed",
        ),
        (
            ToolRefusal::BrokenPicture { shown: a(), flaw: Flaw::Broken("odd".into()) },
            "The picture `a` is damaged: it cannot be decoded (odd)",
        ),
        (ToolRefusal::Hidden { path: a() }, "`a` is hidden from this conversation"),
        (
            ToolRefusal::Device { shown: a() },
            "`a` is not a regular file (a device, a pipe, a socket or a file of the kernel's), and is not read",
        ),
        (
            ToolRefusal::EditorFailed { shown: a(), why: "it broke".into() },
            "The editor could not tell what it shows of `a` (it broke). Nothing was done: what it has not saved there is not known",
        ),
        (
            ToolRefusal::EditorRefusal { shown: a(), reason: "the file is locked".into() },
            "The editor would not save `a`: the file is locked. No file was changed",
        ),
        (
            ToolRefusal::SilentEditor { shown: a(), seconds: 5 },
            "The editor did not answer within 5 seconds about `a`. Nothing was done: what it has not saved there is not known",
        ),
        (
            ToolRefusal::SilentSave { shown: a() },
            "The editor did not say whether it saved `a`, and the disk does not hold it. It may come to it yet: read the file before you go on",
        ),
        (
            ToolRefusal::Encoding { shown: a(), found: "line 2 is not".into() },
            "`a` is not written in UTF-8 (line 2 is not), and only UTF-8 can be changed",
        ),
        (ToolRefusal::File { shown: a() }, "`a` is a file, not a folder: read it instead"),
        (
            ToolRefusal::Glob { pattern: "[a".into(), reason: "odd".into() },
            "The glob `[a` is not valid: odd",
        ),
        (
            ToolRefusal::Huge { shown: a(), size: size("2 GB"), limit: size("1 GB") },
            "`a` is 2 GB, more than the 1 GB that can be read. `grep` with this `path` finds lines in it",
        ),
        (
            ToolRefusal::io("a", io::ErrorKind::NotFound.into()),
            "`a` cannot be read: it is not there",
        ),
        (
            ToolRefusal::LargeChange { shown: a(), size: size("6 MB"), limit: size("4 MB") },
            "`a` is 6 MB, more than the 4 MB that can be changed",
        ),
        (
            ToolRefusal::LargeImage { shown: a(), size: size("60 MB"), limit: size("50 MB") },
            "The picture `a` is 60 MB, more than the 50 MB that can be shown",
        ),
        (ToolRefusal::Link { shown: a() }, "`a` is a link to another file. Name that file instead"),
        (ToolRefusal::Missing { shown: a(), near: names(&[]) }, "`a` is not there"),
        (
            ToolRefusal::Missing { shown: a(), near: names(&["b"]) },
            "`a` is not there. There is `b`",
        ),
        (
            ToolRefusal::Missing { shown: a(), near: names(&["b", "c"]) },
            "`a` is not there. There are `b`, `c`",
        ),
        (ToolRefusal::MissingArgument { name: "a" }, "The parameter `a` is missing"),
        (
            ToolRefusal::NotAFile { shown: a() },
            "`a` is not a file that can be written. Give the path of a file",
        ),
        (
            ToolRefusal::NotFound { shown: a(), near: " Nearest is b".into() },
            "`oldString` is not in `a`. Nearest is b",
        ),
        (
            ToolRefusal::NothingChanges,
            "Nothing would change: the text is already as it would become",
        ),
        (ToolRefusal::NotRead { shown: a() }, "`a` has not been read yet: `read` it first"),
        (
            ToolRefusal::Outside { path: a(), folder: "f".into() },
            "`a` is outside of the folder `f`. Where it is needed, give its absolute path: the user may allow it",
        ),
        (
            ToolRefusal::OutsideChange { path: a(), folder: "f".into() },
            "`a` is outside of the folder `f`, and only what is inside can be changed",
        ),
        (
            ToolRefusal::PastTheEnd { shown: a(), lines: "3 lines".into(), offset: 9 },
            "`a` has 3 lines, so there is no line 9",
        ),
        (
            ToolRefusal::ReadOnly { shown: a() },
            "`a` is read-only. Ask the person before you make it writable",
        ),
        (
            ToolRefusal::Regex { pattern: "(".into(), reason: "unclosed".into() },
            "`(` is not a valid regular expression: unclosed. Characters such as `( ) [ ] { } . * + ? |` need a backslash to stand for themselves",
        ),
        (
            ToolRefusal::SameText,
            "`oldString` and `newString` are the same, so nothing would change",
        ),
        (
            ToolRefusal::Stale { shown: a() },
            "`a` was changed since it was last read: read it again",
        ),
        (ToolRefusal::UnknownArgument { name: a() }, "There is no parameter `a`"),
        (
            ToolRefusal::WrongArgument { name: "a", wanted: "a text", found: "a number".into() },
            "The parameter `a` has to be a text, not a number",
        ),
    ] {
        assert_eq!(refusal.to_string(), sentence);
    }
}

#[test]
fn what_the_disk_says_is_said_in_words() {
    for (kind, words) in [
        (
            io::ErrorKind::StorageFull,
            "`a` could not be written: the disk is full. No file was changed",
        ),
        (
            io::ErrorKind::QuotaExceeded,
            "`a` could not be written: the disk is full. No file was changed",
        ),
        (
            io::ErrorKind::PermissionDenied,
            "`a` could not be written: permission denied. No file was changed",
        ),
        (
            io::ErrorKind::ReadOnlyFilesystem,
            "`a` could not be written: the disk is read-only. No file was changed",
        ),
        (io::ErrorKind::Other, "`a` could not be written: odd. No file was changed"),
    ] {
        assert_eq!(
            ToolRefusal::unwritten("a".to_owned(), kind, "odd".to_owned()).to_string(),
            words
        );
    }
}

#[test]
fn lines_are_listed_as_a_person_would() {
    for (lines, words) in [
        (&[3][..], "line 3"),
        (&[3, 9], "lines 3 and 9"),
        (&[1, 2, 3], "lines 1, 2 and 3"),
        (&[], ""),
    ] {
        assert_eq!(numbers(lines), words);
    }
}
