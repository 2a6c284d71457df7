//! The documents for people, as far as they can be held to the code: the paths they name, and the
//! glossary. Reads Markdown's lines, not its grammar.

/// The beginnings of our own paths.
const FOLDERS: [&str; 3] = ["src/", "tests/", "assets/"];

/// A row of the glossary.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    pub word: String,
    /// The file that the last cell names.
    pub path: Option<String>,
    /// Names that are to stand in it.
    pub names: Vec<String>,
}

/// The paths in backticks, outside of fenced blocks.
pub fn paths(text: &str) -> Vec<String> {
    prose(text).flat_map(quoted).filter(|name| is_path(name)).map(str::to_owned).collect()
}

/// The rows of the table under `## Glossary`.
pub fn glossary(text: &str) -> Vec<Row> {
    let lines = prose(text)
        .skip_while(|line| *line != "## Glossary")
        .skip(1)
        .take_while(|line| !line.starts_with("## "));
    let rows = lines.filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let (paths, names): (Vec<&str>, Vec<&str>) =
            cells.last().into_iter().flat_map(|cell| quoted(cell)).partition(|name| is_path(name));
        let path = paths.first().map(|path| (*path).to_owned());
        Row {
            word: cells[0].to_owned(),
            path,
            names: names.into_iter().map(str::to_owned).collect(),
        }
    })
    .collect()
}

/// Whether a text holds a name by itself, not as a part of a longer one.
pub fn holds(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part)
    })
}

fn is_path(name: &str) -> bool {
    FOLDERS.iter().any(|folder| name.starts_with(folder))
}

/// Returns the texts in single backticks on a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The lines that are in no fenced block.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        !fenced && !is_fence
    })
}

#[test]
fn paths_are_found_in_prose_and_names_in_tables() {
    let text = "See `src/a.rs` and [`tests/`](x), not `a.rs`.\n```sh\n`src/b.rs`\n```\n## Glossary\n| w | m |\n|---|---|\n| turn | one | `Turn` in `src/t.rs` |\n## On\n| x | y |\n";
    assert_eq!(paths(text), ["src/a.rs", "tests/", "src/t.rs"]);
    let row =
        Row { word: "turn".into(), path: Some("src/t.rs".into()), names: vec!["Turn".into()] };
    assert_eq!(glossary(text), [row]);
    assert!(holds("pub struct Turn {", "Turn") && !holds("TurnId _Turn", "Turn"));
}
