//! The modules of the crate: which file defines the item that a path names, and which files name
//! each other in a loop (a knot).

use std::collections::{BTreeMap, BTreeSet};

use super::source::{NamedBy, NamedPath, Source, is_root};

type ModulePath = Vec<String>;

/// How many re-exports a path is followed through.
const DEEPEST: usize = 8;

#[derive(Debug, Default)]
struct Module<'a> {
    /// The file that it stands in.
    file: usize,
    items: BTreeSet<&'a str>,
    imports: Vec<&'a NamedPath>,
}

#[derive(Debug)]
pub struct Modules<'a> {
    files: &'a [Source],
    modules: BTreeMap<ModulePath, Module<'a>>,
    /// Modules that only tests have.
    tests: BTreeSet<ModulePath>,
}

impl<'a> Modules<'a> {
    /// Takes all files below `src`.
    pub fn of(files: &'a [Source]) -> Self {
        let mut modules: BTreeMap<ModulePath, Module> = BTreeMap::new();
        let mut tests = BTreeSet::new();
        for (file, source) in files.iter().enumerate() {
            let outline = &source.outline;
            modules.entry(outline.module.clone()).or_default().file = file;
            for module in &outline.modules {
                let path = child(&module.module, &module.name);
                if module.in_test {
                    tests.insert(path.clone());
                }
                // The file of `mod name;` says where it is when it is read itself.
                modules.entry(path).or_insert_with(|| Module { file, ..Module::default() });
            }
            for item in &outline.items {
                modules.entry(item.module.clone()).or_default().items.insert(&item.name);
            }
            for path in outline.paths.iter().filter(|path| path.by != NamedBy::Path) {
                modules.entry(path.module.clone()).or_default().imports.push(path);
            }
        }
        Self { files, modules, tests }
    }

    /// Whether only tests have the module.
    pub fn is_test(&self, module: &[String]) -> bool {
        (1..=module.len())
            .any(|end| module[end - 1] == "tests" || self.tests.contains(&module[..end]))
    }

    /// The file and the name of the item that `path` leads to when it stands in `module`; `None`
    /// for what is not ours, and for a module.
    pub fn item(&self, module: &[String], path: &[String]) -> Option<(usize, String)> {
        let path = self.absolute(module, path, DEEPEST)?;
        self.find(&path, DEEPEST)
    }

    /// A path from the crate's root on.
    fn absolute(&self, module: &[String], path: &[String], left: usize) -> Option<ModulePath> {
        let first = path.first()?.as_str();
        let (above, rest) = match first {
            _ if is_root(first) => (&module[..0], &path[1..]),
            "self" => (module, &path[1..]),
            "super" => {
                let climbs = path.iter().take_while(|part| *part == "super").count();
                (&module[..module.len().saturating_sub(climbs)], &path[climbs..])
            }
            _ => {
                let here = self.modules.get(module)?;
                if here.items.contains(first) || self.modules.contains_key(&child(module, first)) {
                    (module, path)
                } else {
                    let import = here.imports.iter().find(|import| is_named(import, first))?;
                    if left == 0 || import.path.first().is_some_and(|name| name == first) {
                        return None;
                    }
                    let above = self.absolute(module, &import.path, left - 1)?;
                    return Some(above.into_iter().chain(path[1..].iter().cloned()).collect());
                }
            }
        };
        Some(above.iter().chain(rest).filter(|part| *part != "self").cloned().collect())
    }

    fn find(&self, path: &[String], left: usize) -> Option<(usize, String)> {
        let modules = (1..=path.len()).take_while(|end| self.modules.contains_key(&path[..*end]));
        let (above, rest) = path.split_at(modules.last().unwrap_or(0));
        let name = rest.first()?;
        let module = self.modules.get(above)?;
        if module.items.contains(name.as_str()) {
            return Some((module.file, name.clone()));
        }
        if left == 0 {
            return None;
        }
        let named = module.imports.iter().filter(|import| is_named(import, name));
        let globs = module.imports.iter().filter(|import| is_named(import, "*"));
        named
            .map(|import| import.path.clone())
            .chain(globs.map(|import| {
                let end = import.path.len() - 1;
                child(&import.path[..end], name)
            }))
            .find_map(|path| {
                let path = self.absolute(above, &path, left - 1)?;
                (path != *rest).then(|| self.find(&path, left - 1))?
            })
    }

    /// For each file, those whose items it names; neither holds tests.
    fn named(&self) -> Vec<BTreeSet<usize>> {
        let names = |(file, source): (usize, &Source)| {
            let paths = source.outline.paths.iter();
            paths
                .filter(|path| !path.in_test && !matches!(path.by, NamedBy::Export(_)))
                .filter(|path| !self.is_test(&path.module))
                .filter_map(|path| self.item(&path.module, &path.path))
                .map(|(to, _)| to)
                .filter(|to| *to != file && !self.is_test(&self.files[*to].outline.module))
                .collect()
        };
        self.files.iter().enumerate().map(names).collect()
    }

    /// The files that name each other in a loop, each knot as the paths of its files.
    pub fn knots(&self) -> Vec<Vec<&'a str>> {
        let named = self.named();
        let reached: Vec<BTreeSet<usize>> =
            (0..named.len()).map(|file| reached(&named, file)).collect();
        let mut knots = BTreeSet::new();
        for (file, from_here) in reached.iter().enumerate() {
            let mut knot: Vec<&str> = from_here
                .iter()
                .filter(|to| reached[**to].contains(&file))
                .map(|to| self.files[*to].path.as_str())
                .collect();
            knot.sort_unstable();
            knots.insert(knot);
        }
        knots.into_iter().filter(|knot| knot.len() > 1).collect()
    }
}

fn child(module: &[String], name: &str) -> ModulePath {
    module.iter().cloned().chain([name.to_owned()]).collect()
}

fn is_named(import: &NamedPath, name: &str) -> bool {
    matches!(&import.by, NamedBy::Import(known) | NamedBy::Export(known) if known == name)
}

/// All files that lead from one to the next, this one among them only if they lead back to it.
fn reached(named: &[BTreeSet<usize>], from: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(file) = waiting.pop() {
        waiting.extend(named[file].iter().filter(|to| reached.insert(**to)));
    }
    reached
}

#[test]
fn files_that_name_each_other_in_a_loop_are_a_knot() {
    let knots = |files: &[(&str, &str)]| -> Vec<Vec<String>> {
        let files: Vec<Source> =
            files.iter().map(|(path, text)| Source::parse(path, text)).collect();
        let knots = Modules::of(&files).knots();
        knots.iter().map(|knot| knot.iter().map(|path| (*path).to_owned()).collect()).collect()
    };
    let lib = ("src/lib.rs", "mod a;");
    let pair = vec![vec!["src/a/b.rs".to_owned(), "src/a/mod.rs".to_owned()]];
    let other = vec![vec!["src/a/b.rs".to_owned(), "src/a/c.rs".to_owned()]];
    for (files, expected) in [
        // A door that exports is no part of a loop; one that uses its file is.
        (
            vec![
                ("src/a/mod.rs", "mod b; pub use b::B; struct A;"),
                ("src/a/b.rs", "use super::A; pub struct B;"),
            ],
            vec![],
        ),
        (
            vec![
                ("src/a/mod.rs", "mod b; use b::B; struct A;"),
                ("src/a/b.rs", "use super::A; pub struct B;"),
            ],
            pair.clone(),
        ),
        (
            vec![
                ("src/a/mod.rs", "mod b; fn f() { b::B::new() } struct A;"),
                ("src/a/b.rs", "fn f() -> super::A {} pub struct B;"),
            ],
            pair,
        ),
        // Through a door, by name and with `*`, by a module, and under another name.
        (
            vec![
                ("src/a/mod.rs", "mod b; mod c; pub use b::*; pub use c::C as D;"),
                ("src/a/b.rs", "use super::D; pub struct B;"),
                ("src/a/c.rs", "use crate::a; fn f(b: a::B) {} pub struct C;"),
            ],
            other.clone(),
        ),
        // Test code makes no knots.
        (
            vec![
                ("src/a/mod.rs", "mod b; mod c;"),
                ("src/a/b.rs", "use super::c::C; pub struct B;"),
                ("src/a/c.rs", "pub struct C; #[cfg(test)] mod tests { use super::super::b::B; }"),
            ],
            vec![],
        ),
    ] {
        let files: Vec<_> = [lib].into_iter().chain(files).collect();
        assert_eq!(knots(&files), expected, "{files:?}");
    }
}
