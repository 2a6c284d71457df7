//! Something small that could be better in any text file.

use crate::demo::brain::seen::folder;
use crate::demo::brain::seen::folder::SeenFiles;

/// Endings of files that a line may be added to, with what makes it a remark.
const REMARKS: &[(&str, &str, &str)] = &[
    ("md", "<!-- ", " -->"),
    ("txt", "(", ")"),
    ("rs", "// ", ""),
    ("py", "# ", ""),
    ("js", "// ", ""),
    ("ts", "// ", ""),
    ("go", "// ", ""),
    ("c", "// ", ""),
    ("toml", "# ", ""),
    ("yaml", "# ", ""),
    ("yml", "# ", ""),
    ("sh", "# ", ""),
];
const LOOKED_OVER: &str = "Looked over by codling's demo model";

/// The files to look over, prose first.
pub fn choose(listing: &SeenFiles, most: usize) -> Vec<String> {
    let rank = |path: &str| REMARKS.iter().position(|(ending, ..)| *ending == folder::ending(path));
    let mut paths: Vec<_> =
        listing.paths.iter().filter_map(|path| Some((rank(path)?, *path))).collect();
    paths.sort();
    paths.into_iter().take(most).map(|(_, path)| path.to_owned()).collect()
}

/// Blanks at the ends of lines go; else a text gets the heading it lacks; else a last line.
pub fn edits(path: &str, lines: &[String]) -> Vec<(usize, Vec<String>)> {
    let blanks: Vec<_> =
        lines.iter().enumerate().filter(|(_, line)| line.trim_end() != line.as_str()).collect();
    if !blanks.is_empty() {
        return blanks
            .into_iter()
            .map(|(at, line)| (at, vec![line.trim_end().to_owned()]))
            .collect();
    }
    let (first, last) = (&lines[0], &lines[lines.len() - 1]);
    let ending = folder::ending(path);
    if ending == "md" && !lines.iter().any(|line| line.starts_with('#')) {
        let name = folder::file_name(path).trim_end_matches(".md");
        return vec![(0, vec![format!("# {name}"), String::new(), first.clone()])];
    }
    let remark = REMARKS.iter().find(|(known, ..)| *known == ending);
    let remark = remark
        .map(|(_, before, after)| format!("{before}{LOOKED_OVER}{after}"))
        .filter(|remark| remark != last);
    remark.map(|remark| (lines.len() - 1, vec![last.clone(), remark])).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_file_can_be_made_a_little_better_once() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        for (path, text, at, becomes) in [
            ("a.md", "# A\nb  \nc\t", 1, "b"),
            ("notes.md", "Some words", 0, "# notes\n\nSome words"),
            ("a.md", "# A\nb", 1, &format!("b\n<!-- {LOOKED_OVER} -->")),
            ("a.rs", "fn a() {}", 0, &format!("fn a() {{}}\n// {LOOKED_OVER}")),
        ] {
            let edits = edits(path, &lines(text));
            assert_eq!((edits[0].0, edits[0].1.join("\n").as_str()), (at, becomes), "{path}");
        }
        assert!(edits("a.txt", &lines(&format!("({LOOKED_OVER})"))).is_empty());
        assert!(edits("a.lock", &lines("x")).is_empty());
    }
}
