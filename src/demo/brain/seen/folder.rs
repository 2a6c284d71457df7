//! Folders as the tools print them: paths out of `glob`, numbered lines out of `read`.

use std::collections::BTreeMap;

/// The files a `glob` found.
pub struct SeenFiles<'a> {
    pub paths: Vec<&'a str>,
    /// The tool said that there are more.
    pub cut: bool,
}

const MANIFESTS: &[&str] = &[
    "Cargo.toml",
    "package.json",
    "pyproject.toml",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "Gemfile",
    "composer.json",
    "CMakeLists.txt",
    "Makefile",
    "mix.exs",
    "deno.json",
    "requirements.txt",
];
const ENTRANCES: &[&str] = &["main", "lib", "index", "app", "mod", "__init__"];

/// Endings, and what such files are.
const KINDS: &[(&str, &str)] = &[
    ("rs", "Rust"),
    ("py", "Python"),
    ("js", "JavaScript"),
    ("mjs", "JavaScript"),
    ("jsx", "JavaScript"),
    ("ts", "TypeScript"),
    ("tsx", "TypeScript"),
    ("go", "Go"),
    ("c", "C"),
    ("h", "C header"),
    ("cc", "C++"),
    ("cpp", "C++"),
    ("hpp", "C++ header"),
    ("java", "Java"),
    ("kt", "Kotlin"),
    ("swift", "Swift"),
    ("rb", "Ruby"),
    ("php", "PHP"),
    ("cs", "C#"),
    ("ex", "Elixir"),
    ("hs", "Haskell"),
    ("lua", "Lua"),
    ("zig", "Zig"),
    ("sh", "Shell"),
    ("md", "Markdown"),
    ("txt", "Text"),
    ("toml", "TOML"),
    ("json", "JSON"),
    ("yaml", "YAML"),
    ("yml", "YAML"),
    ("html", "HTML"),
    ("css", "CSS"),
    ("sql", "SQL"),
    ("svg", "SVG image"),
    ("png", "PNG image"),
    ("jpg", "JPEG image"),
    ("lock", "Lock file"),
];
/// Kinds from the top of [`KINDS`] that are source code.
const SOURCES: usize = 24;

/// Finds the files of [`SeenFiles::worth_reading`] by name, where a folder is too large to be
/// listed whole.
pub const TELLING: &str = "{README*,Cargo.toml,package.json,pyproject.toml,go.mod}";

impl<'a> SeenFiles<'a> {
    pub fn read(output: &'a str) -> Self {
        let lines = || output.lines().map(str::trim).filter(|line| !line.is_empty());
        let paths = lines().filter(|line| is_path(line)).collect();
        let cut = lines().filter(|line| !is_path(line)).any(|line| {
            let line = line.to_lowercase();
            ["more", "cut", "truncat", "first", "narrow"].iter().any(|word| line.contains(word))
        });
        Self { paths, cut }
    }

    /// With the paths of another listing.
    pub fn and(&self, other: &Self) -> Self {
        Self { paths: self.paths.iter().chain(&other.paths).copied().collect(), cut: self.cut }
    }

    /// How many files there are of each kind, most first.
    pub fn kinds(&self) -> Vec<(String, usize)> {
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for path in &self.paths {
            *kinds.entry(kind(path)).or_default() += 1;
        }
        let mut kinds: Vec<_> = kinds.into_iter().collect();
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        kinds
    }

    /// At most two files worth reading first: what people wrote about it, what a machine builds it
    /// from, where it begins.
    pub fn worth_reading(&self) -> Vec<&'a str> {
        let best = |wanted: &dyn Fn(&str) -> bool| {
            self.paths
                .iter()
                .copied()
                .filter(|path| wanted(path))
                .min_by_key(|path| (depth(path), !is_entrance(path), *path))
        };
        let about = best(&|path| file_name(path).to_lowercase().starts_with("readme"));
        let manifest = best(&|path| MANIFESTS.contains(&file_name(path)));
        let source = best(&is_source);
        let text = best(&|path| matches!(ending(path), "md" | "txt"));
        let mut chosen: Vec<&str> = Vec::new();
        for path in [about, manifest, source, text].into_iter().flatten() {
            if chosen.len() < 2 && !chosen.contains(&path) {
                chosen.push(path);
            }
        }
        chosen
    }
}

/// The lines of a file, out of the numbered lines of `read`; empty when there are none.
pub fn numbered_lines(output: &str) -> Vec<&str> {
    output.lines().filter_map(numbered).collect()
}

/// A path without the folders that all of them share.
pub fn shown<'p>(path: &'p str, folder: &str) -> &'p str {
    path.strip_prefix(folder).map_or(path, |rest| rest.trim_start_matches('/'))
}

/// The last ending of a path's name; empty without one.
pub fn ending(path: &str) -> &str {
    file_name(path)
        .rsplit_once('.')
        .filter(|(stem, _)| !stem.is_empty())
        .map_or("", |(_, ending)| ending)
}

pub fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// `12\ttext`, `12→text`, `12| text` or `12: text`, numbers padded or not.
fn numbered(line: &str) -> Option<&str> {
    let rest = line.trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &rest[digits..];
    let bare = ["\t", "→"].iter().find_map(|mark| rest.strip_prefix(mark));
    // A mark that is drawn as a column has a space after it that is not the line's own.
    let column =
        || ["|", ":", "│"].iter().find_map(|mark| rest.trim_start_matches(' ').strip_prefix(mark));
    let text = bare.or_else(|| column().map(|text| text.strip_prefix(' ').unwrap_or(text)))?;
    (digits > 0).then_some(text)
}

/// Tools put sentences beside the paths: what was left out, or that nothing was found.
fn is_path(line: &str) -> bool {
    if line.starts_with(['(', '[', '<', '…', '#'])
        || line.contains('`')
        || line.ends_with(['.', ':'])
    {
        return false;
    }
    let ending = ending(line);
    !line.contains(char::is_whitespace)
        || line.contains('/')
        || (1..=5).contains(&ending.len()) && ending.chars().all(char::is_alphanumeric)
}

fn kind(path: &str) -> String {
    let ending = ending(path).to_lowercase();
    match KINDS.iter().find(|(known, _)| *known == ending) {
        Some((_, name)) => (*name).into(),
        None if ending.is_empty() => "No ending".into(),
        None => format!(
            "`.{}`",
            ending.chars().filter(|c| c.is_alphanumeric()).take(12).collect::<String>()
        ),
    }
}

fn is_source(path: &str) -> bool {
    KINDS[..SOURCES].iter().any(|(known, _)| *known == ending(path))
}

fn is_entrance(path: &str) -> bool {
    ENTRANCES.contains(&file_name(path).split('.').next().unwrap_or_default())
}

fn depth(path: &str) -> usize {
    path.matches(['/', '\\']).count()
}
