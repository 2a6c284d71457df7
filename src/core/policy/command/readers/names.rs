//! Words that stand for names which are known: variables of loops, lists of files in `$(…)`, and
//! the words that `xargs` adds.

use super::super::super::shell::{
    Compound, Node, PathRoot, Redirect, ShellStep, ShellWord, Simple, WordForm,
};
use super::super::{command_name, settings};
use super::{listers, sets_nothing};

/// Ways to spell one command that are looked at.
const MOST: usize = 32;
/// The word that `xargs` and the like add.
pub const ADDED: &str = "…";

/// The one mark of `xargs -I` that is understood.
const REPLACED: &str = "{}";

/// A variable of a loop, with the words that it goes through.
#[derive(Clone, Debug)]
pub struct LoopVariable {
    pub name: String,
    pub values: Vec<ShellWord>,
}

impl LoopVariable {
    /// The variable of a loop over these words; `None` if one of them is not known, or may be
    /// split into others.
    pub fn over(name: &str, words: &[ShellWord]) -> Option<Self> {
        let mut values = Vec::new();
        for word in words {
            match word.form {
                WordForm::Literal if is_whole(&word.text) => values.push(word.clone()),
                WordForm::Glob if !word.text.contains(char::is_whitespace) => {
                    values.push(word.clone());
                }
                WordForm::Unknown => values.extend(list_of(word)?),
                _ => return None,
            }
        }
        (!values.is_empty() && values.len() <= MOST).then(|| Self { name: name.to_owned(), values })
    }
}

fn is_whole(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || "*?[".contains(c))
}

/// The places below which `$(…)` lists files, where it is the whole word.
fn list_of(word: &ShellWord) -> Option<Vec<ShellWord>> {
    let ([steps], [only]) = (&word.nested[..], &word.expansions[..]) else { return None };
    let lists = word.text.starts_with("$(") && !word.text.starts_with("$((");
    let is_whole = only.at == (0..word.text.len()) && (lists || word.text.starts_with('`'));
    is_whole.then(|| listers::listed(steps))?
}

/// Every way to spell a command whose unclear words stand for known names; `None` if one does not.
/// `added` are the names that stand in the place of [`ADDED`].
pub fn spelled(
    words: &[ShellWord],
    variables: &[LoopVariable],
    added: &[ShellWord],
) -> Option<Vec<Vec<ShellWord>>> {
    let is_used = |variable: &&LoopVariable| {
        let uses =
            |word: &ShellWord| word.form == WordForm::Unknown && holds(&word.text, &variable.name);
        words.iter().any(uses)
    };
    let mut spellings: Vec<Vec<(&str, &ShellWord)>> = vec![Vec::new()];
    for variable in variables.iter().filter(is_used) {
        spellings = spellings
            .iter()
            .flat_map(|known| {
                variable.values.iter().map(|value| {
                    let mut with = known.clone();
                    with.push((variable.name.as_str(), value));
                    with
                })
            })
            .collect();
        (spellings.len() <= MOST).then_some(())?;
    }
    spellings
        .iter()
        .map(|known| {
            let mut spelled = Vec::new();
            for word in words {
                match word.form {
                    WordForm::Unknown if is_added(word) => {
                        (!added.is_empty()).then_some(())?;
                        spelled.extend(added.iter().map(|name| put_in(word, name)));
                    }
                    WordForm::Unknown => match list_of(word) {
                        Some(list) => spelled.extend(list),
                        None => spelled.push(filled(word, known)?),
                    },
                    _ => spelled.push(word.clone()),
                }
            }
            Some(spelled)
        })
        .collect()
}

/// Whether it is the word that `xargs` adds, or holds the mark that it replaces.
fn is_added(word: &ShellWord) -> bool {
    let is_marked = word.text.contains(REPLACED) && !word.text.contains(['$', '`', '~']);
    word.nested.is_empty() && (word.text == ADDED || is_marked)
}

fn put_in(word: &ShellWord, name: &ShellWord) -> ShellWord {
    let text = match word.text.as_str() {
        ADDED => name.text.clone(),
        text => text.replace(REPLACED, &name.text),
    };
    ShellWord { text, ..name.clone() }
}

fn holds(text: &str, name: &str) -> bool {
    text.contains(&format!("${name}")) || text.contains(&format!("${{{name}}}"))
}

/// A word with values in the place of its variables; `None` for one with `..` in it, and one that
/// is unclear for another reason.
fn filled(word: &ShellWord, known: &[(&str, &ShellWord)]) -> Option<ShellWord> {
    (word.nested.is_empty() && !word.expansions.is_empty()).then_some(())?;
    let mut text = String::new();
    let (mut form, mut root) = (WordForm::Literal, word.root);
    let mut at = 0;
    for expansion in &word.expansions {
        text.push_str(&word.text[at..expansion.at.start]);
        at = expansion.at.end;
        let written = word.text[expansion.at.clone()].strip_prefix('$')?;
        let name = match written.strip_prefix('{') {
            Some(braced) => braced.strip_suffix('}')?,
            None => written,
        };
        let (_, value) = known.iter().find(|(known, _)| *known == name)?;
        form = form.max(value.form);
        if value.root == PathRoot::Home {
            text.is_empty().then_some(())?;
            root = PathRoot::Home;
        }
        text.push_str(&value.text);
    }
    text.push_str(&word.text[at..]);
    let has_home = root == PathRoot::Home;
    let is_plain = !text.contains(['`', '{']) && !text[usize::from(has_home)..].contains('~');
    let climbs = text.split('/').any(|part| part == "..");
    let form = if text.contains(['*', '?', '[']) { form.max(WordForm::Glob) } else { form };
    (is_plain && !climbs).then(|| ShellWord { form, root, ..ShellWord::literal(text) })
}

/// The variables of loops that keep the value which their loop gives them: nothing else in the
/// line may set one. None if a command in it may set any.
pub fn steady(steps: &[ShellStep]) -> Vec<String> {
    let mut census = Census::default();
    match census.steps(steps) {
        Some(()) => {
            let is_plain = |name: &&String| {
                name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
                    && name.contains(|c: char| c.is_ascii_lowercase())
                    && !settings::is_special(name)
            };
            let Census { loops, set } = census;
            let is_set_once = |name: &&String| {
                loops.iter().filter(|other| other == name).count() == 1 && !set.contains(name)
            };
            loops.iter().filter(is_plain).filter(is_set_once).cloned().collect()
        }
        None => Vec::new(),
    }
}

/// The variables that a line sets.
#[derive(Default)]
struct Census {
    loops: Vec<String>,
    set: Vec<String>,
}

impl Census {
    /// `None` if something may set any variable.
    fn steps(&mut self, steps: &[ShellStep]) -> Option<()> {
        steps.iter().try_for_each(|step| self.node(&step.node))
    }

    fn node(&mut self, node: &Node) -> Option<()> {
        match node {
            Node::Simple(simple) => self.simple(simple),
            Node::Pipe(nodes) => nodes.iter().try_for_each(|node| self.node(node)),
            Node::Compound { kind, variable, words, bodies, redirects } => {
                self.loops.extend(variable.clone());
                // A condition may compare by computing.
                (*kind != Compound::Group || words.iter().all(compares_only)).then_some(())?;
                words.iter().try_for_each(|word| self.word(word))?;
                self.redirects(redirects)?;
                bodies.iter().try_for_each(|body| self.steps(body))
            }
        }
    }

    fn simple(&mut self, simple: &Simple) -> Option<()> {
        for assignment in &simple.assignments {
            self.set.push(assignment.name.clone());
            self.word(&assignment.value)?;
        }
        if let Some((head, args)) = simple.words.split_first() {
            sets_nothing(command_name(head.known()?), args).then_some(())?;
        }
        simple.words.iter().try_for_each(|word| self.word(word))?;
        self.redirects(&simple.redirects)
    }

    fn redirects(&mut self, redirects: &[Redirect]) -> Option<()> {
        redirects.iter().try_for_each(|redirect| {
            self.word(&redirect.target)?;
            redirect.body.get().map_or(Some(()), |body| self.word(body))
        })
    }

    fn word(&mut self, word: &ShellWord) -> Option<()> {
        // `{name}>file` sets a variable.
        let names_file = word.text.starts_with('{') && word.text.ends_with('}');
        (!names_file && (word.form != WordForm::Unknown || only_shows(&word.text))).then_some(())?;
        word.nested.iter().try_for_each(|steps| self.steps(steps))
    }
}

/// Whether a word of a condition is neither a comparison of numbers nor a question about a
/// variable.
fn compares_only(word: &ShellWord) -> bool {
    !["-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-v", "-R"].contains(&word.text.as_str())
}

/// Whether the expansions of a word set nothing: `$x`, `${x}`, `${x%y}`, `${x#y}` and commands,
/// which are looked at on their own.
fn only_shows(text: &str) -> bool {
    !text.contains("$((")
        && !text.contains("$[")
        && text.split("${").skip(1).all(|rest| {
            let behind = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
            behind.len() < rest.len() && behind.starts_with(['}', '%', '#'])
        })
}
