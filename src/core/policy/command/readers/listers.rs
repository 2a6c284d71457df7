//! Pipes whose output is the names of files below known places. Anything else lists nothing.

use super::super::super::shell::{
    Node, Redirect, RedirectKind, ShellStep, ShellWord, Simple, WordForm,
};
use super::super::{command_name, operands};
use super::pattern_at;

/// A command that lists files: short options, and long ones, which change nothing of its lines but
/// which files have one. A long option that ends in `=` has its value attached.
struct Lister {
    letters: &'static str,
    options: &'static [&'static str],
    /// Options that take the next word.
    valued: &'static [&'static str],
}

const GIT: Lister = Lister {
    letters: "cdmoz",
    options: &["--cached", "--deleted", "--modified", "--others", "--exclude-standard"],
    valued: &[],
};
const GREP: Lister = Lister {
    letters: "EFHIPRachilnrsvwxZ",
    options: &["--include=", "--exclude=", "--exclude-dir=", "--files-with-matches"],
    valued: &["-e"],
};
// `-a` lists the folder above as well.
const LS: Lister = Lister { letters: "1ASdrtu", options: &[], valued: &[] };
const RG: Lister = Lister {
    letters: "0FHLPSUilnsuvwx.",
    options: &["--files", "--files-with-matches", "--hidden", "--no-ignore", "--glob=", "--type="],
    valued: &["-e", "-g", "-t", "--glob", "--type"],
};
/// Words of `find` that decide about what is listed, or list it.
const FIND: [&str; 37] = [
    "!",
    "(",
    ")",
    "-a",
    "-and",
    "-atime",
    "-cmin",
    "-ctime",
    "-depth",
    "-empty",
    "-false",
    "-iname",
    "-ipath",
    "-iregex",
    "-iwholename",
    "-maxdepth",
    "-mindepth",
    "-mmin",
    "-mtime",
    "-name",
    "-newer",
    "-not",
    "-o",
    "-or",
    "-path",
    "-perm",
    "-print",
    "-print0",
    "-prune",
    "-regex",
    "-size",
    "-true",
    "-type",
    "-user",
    "-wholename",
    "-xdev",
    "-group",
];

/// The places that a command list's output names files below, as words of the form
/// [`WordForm::Listed`]; `None` if it may say anything else.
pub fn listed(steps: &[ShellStep]) -> Option<Vec<ShellWord>> {
    match steps {
        [ShellStep { node: Node::Pipe(nodes), .. }] => listed_by(nodes),
        [ShellStep { node, .. }] => listed_by(std::slice::from_ref(node)),
        _ => None,
    }
}

/// The same for the parts of a pipe.
pub fn listed_by(nodes: &[Node]) -> Option<Vec<ShellWord>> {
    let simples: Vec<&Simple> = nodes
        .iter()
        .map(|node| match node {
            Node::Simple(simple) if only_hides(&simple.redirects) => Some(simple),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let (first, filters) = simples.split_first()?;
    let places = places(first)?;
    filters.iter().all(|filter| passes_names_on(filter)).then_some(places)
}

/// Whether redirections only throw something away: what is read, and where it goes, stay.
pub fn only_hides(redirects: &[Redirect]) -> bool {
    redirects.iter().all(|redirect| {
        redirect.way == RedirectKind::Write && redirect.target.known() == Some("/dev/null")
    })
}

fn places(simple: &Simple) -> Option<Vec<ShellWord>> {
    let (head, args) = simple.words.split_first()?;
    simple.assignments.is_empty().then_some(())?;
    let roots: Vec<ShellWord> = match command_name(head.known()?) {
        "find" | "gfind" => {
            let is_root = |word: &&ShellWord| !word.text.starts_with(['-', '(', '!']);
            let roots: Vec<ShellWord> = args.iter().take_while(is_root).cloned().collect();
            let mut tests = args.iter().skip(roots.len());
            tests
                .all(|word| {
                    let is_value = !word.text.starts_with(['-', '(', '!']);
                    // A variable may stand for `-printf`.
                    word.form <= WordForm::Glob && (is_value || FIND.contains(&&*word.text))
                })
                .then_some(roots)?
        }
        "git" => {
            let [sub, args @ ..] = args else { return None };
            (sub.known() == Some("ls-files") && GIT.only_lists(args)).then_some(())?;
            // They match names in the folder, whatever they say.
            let is_plain =
                |word: &ShellWord| !word.text.starts_with([':', '/']) && !word.text.contains("..");
            operands(args).all(is_plain).then(Vec::new)?
        }
        "grep" | "egrep" | "fgrep" | "ggrep"
            if GREP.asks_for(args, &['l'], "--files-with-matches") =>
        {
            GREP.files(args)?
        }
        "ls" => LS.files(args)?,
        "rg" if RG.asks_for(args, &[], "--files") => {
            RG.only_lists(args).then_some(())?;
            RG.operands(args)
        }
        "rg" if RG.asks_for(args, &['l'], "--files-with-matches") => RG.files(args)?,
        _ => return None,
    };
    let known = roots.iter().all(|word| word.form <= WordForm::Glob);
    let names = roots.into_iter().chain([ShellWord::literal(".")]);
    known.then(|| names.map(|word| ShellWord { form: WordForm::Listed, ..word }).collect())
}

impl Lister {
    fn only_lists(&self, args: &[ShellWord]) -> bool {
        let mut rest = args;
        while let [word, more @ ..] = rest {
            rest = more;
            let text = word.text.as_str();
            let long = |option: &&str| match option.strip_suffix('=') {
                Some(_) => text.starts_with(*option),
                None => text == *option,
            };
            let takes_next = self.valued.contains(&text);
            if takes_next {
                rest = more.get(1..).unwrap_or_default();
            }
            let short =
                || !text.starts_with("--") && text[1..].chars().all(|c| self.letters.contains(c));
            let fits = !text.starts_with('-')
                || text == "--"
                || takes_next
                || self.options.iter().any(long)
                || short();
            if !fits || word.form > WordForm::Glob {
                return false;
            }
        }
        true
    }

    /// Words that are neither options nor values of them.
    fn operands(&self, args: &[ShellWord]) -> Vec<ShellWord> {
        let mut found = Vec::new();
        let mut rest = args;
        while let [word, more @ ..] = rest {
            rest = if self.valued.contains(&word.text.as_str()) {
                more.get(1..).unwrap_or_default()
            } else {
                more
            };
            if !word.text.starts_with('-') {
                found.push(word.clone());
            }
        }
        found
    }

    /// Whether one of its options is among the words, which is neither the value of another one nor
    /// an operand.
    fn asks_for(&self, args: &[ShellWord], letters: &[char], option: &str) -> bool {
        let mut rest = args;
        while let [word, more @ ..] = rest
            && word.text != "--"
        {
            let text = word.text.as_str();
            let is_short = text.starts_with('-') && !text.starts_with("--");
            if word.is_literal() && (text == option || is_short && text.contains(letters)) {
                return true;
            }
            rest =
                if self.valued.contains(&text) { more.get(1..).unwrap_or_default() } else { more };
        }
        false
    }

    /// The places of a command whose pattern, if it has one, may count as one of them: it lists
    /// files below the working folder then, which is a place as well.
    fn files(&self, args: &[ShellWord]) -> Option<Vec<ShellWord>> {
        self.only_lists(args).then(|| self.operands(args))
    }
}

/// Whether a command gives on whole lines that it is given, and nothing else.
fn passes_names_on(simple: &Simple) -> bool {
    let Some((head, args)) = simple.words.split_first() else { return false };
    let Some(texts) = args.iter().map(ShellWord::known).collect::<Option<Vec<_>>>() else {
        return false;
    };
    let options = |letters: &str| {
        texts.iter().all(|text| {
            text.len() > 1
                && text.starts_with('-')
                && text[1..].chars().all(|c| letters.contains(c))
        })
    };
    let is_count = |text: &str| {
        !text.is_empty() && text.trim_start_matches(['+', '-']).chars().all(|c| c.is_ascii_digit())
    };
    simple.assignments.is_empty()
        && match head.known().map(command_name) {
            Some("grep" | "egrep" | "fgrep" | "ggrep") => {
                let only = |at: usize| {
                    let is_flag = |text: &&str| {
                        text.strip_prefix('-')
                            .is_some_and(|rest| rest.chars().all(|c| "EFPivwxz".contains(c)))
                    };
                    at + 1 == texts.len() && texts[..at].iter().all(is_flag)
                };
                pattern_at("grep", args).is_some_and(only)
            }
            Some("head" | "tail") => match texts[..] {
                [] => true,
                [count] => {
                    is_count(count.strip_prefix("-n").unwrap_or(count)) && count.starts_with('-')
                }
                ["-n", count] => is_count(count),
                _ => false,
            },
            Some("sort") => options("Vfhnruz"),
            Some("tr") => matches!(texts[..], ["\\n", "\\0"]),
            Some("uniq") => texts.is_empty(),
            _ => false,
        }
}

/// Whether an `xargs` gives its command the names that it reads, one as one, and nothing else.
pub fn hands_names_on(args: &[ShellWord]) -> bool {
    let mut rest = args;
    while let [word, more @ ..] = rest {
        let number = |word: Option<&ShellWord>| {
            word.and_then(ShellWord::known)
                .is_some_and(|text| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit()))
        };
        let value = |known: &str| more.first().and_then(ShellWord::known) == Some(known);
        rest = match word.known() {
            Some("-0" | "-r" | "-t" | "-x" | "-0r" | "-r0" | "--null" | "--no-run-if-empty") => {
                more
            }
            Some("-n" | "-P" | "-L") if number(more.first()) => &more[1..],
            Some("-I") if value("{}") => &more[1..],
            Some("-d") if value("\\n") => &more[1..],
            Some("-I{}" | "-d\\n") => more,
            Some(text)
                if text.starts_with(['-'])
                    && text[1..].starts_with(['n', 'P', 'L'])
                    && number(Some(&ShellWord::literal(&text[2..]))) =>
            {
                more
            }
            Some(text) => {
                let climbs =
                    |word: &ShellWord| word.text.contains("{}") && word.text.contains("..");
                return !text.starts_with('-') && !text.contains("{}") && !more.iter().any(climbs);
            }
            None => return false,
        };
    }
    true
}
