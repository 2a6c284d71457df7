//! One simple command: what is inside of it, what it reads, what it needs.

use super::super::shell_path::{self, Dir, Spot};
use crate::base::is_secret;

use super::super::shell::{Redirect, ShellWord, WordForm};
use super::git::Git;
use super::readers::{listers, names};
use super::walk::{KnownNames, LineWalk, WalkScene, Wrapping};
use super::wrappers::{self, WrappedCommand};
use super::{
    AskReason, CommandPart, CommandText, NamedFiles, ReasonKind, command_name, danger, deletions,
    losses, needs, pattern, readers,
};

impl LineWalk<'_> {
    pub(super) fn invoke(
        &mut self,
        words: &[ShellWord],
        redirects: &[Redirect],
        scene: &WalkScene,
    ) {
        let mut scene = scene.clone();
        for word in words.iter().filter(|word| !readers::is_pattern(words, word)) {
            self.name_secrets(word, &mut scene.inherited);
        }
        self.run(words, redirects, &scene, 0);
    }

    fn run(
        &mut self,
        words: &[ShellWord],
        redirects: &[Redirect],
        scene: &WalkScene,
        depth: usize,
    ) {
        let Some(head) = words.first() else { return };
        let mut texts = scene.outer_texts.clone();
        texts.push(CommandText::of(words));
        let mentions = words
            .iter()
            .skip(1)
            .filter(|word| !word.text.starts_with('-'))
            .map(|word| word.text.clone())
            .collect();
        let mut part = CommandPart {
            texts,
            reasons: scene.inherited.clone(),
            mentions,
            ..CommandPart::default()
        };
        let Some(name) = head.known().map(command_name).filter(|_| depth < 12) else {
            part.reasons.push(AskReason::new(
                ReasonKind::Other,
                format!("It is not clear in advance what it runs: `{}`", head.text),
            ));
            part.loses = losses::all();
            return self.parts.push(part);
        };
        part.reasons.extend(danger::of(name, words, self.policy.home.as_deref()));
        part.deletes = deletions::of(name, words);
        let inside = wrappers::inside(name, words, redirects);
        if let Some(inside) = inside {
            return self.unwrap(words, redirects, inside, part, scene, depth);
        }
        let git = (name == "git").then(|| Git::read(words));
        part.reasons.extend(danger::cares(name, words));
        part.reasons.extend(git.as_ref().and_then(Git::cares));
        part.reasons.extend(git.as_ref().and_then(|git| self.leave_out(git, words, &scene.dirs)));
        let mut reading =
            git.as_ref().map_or_else(|| readers::reads(name, &words[1..]), Git::reads);
        let spellings = self.spellings(words, scene);
        // A rule about reading may forbid what an unclear word stands for.
        let spelled = spellings.iter().flatten();
        part.mentions.extend(spelled.map(|word| word.text.clone()));
        part.spelled = spellings.iter().map(|spelling| CommandText::of(spelling)).collect();
        let may_split = asks(name) && words.iter().any(may_be_split);
        if git.is_none() && self.reads_known_names(name, may_split, &spellings, &scene.dirs) {
            reading = Ok(Vec::new());
        }
        let reads = reading.is_ok();
        match reading {
            Ok(paths) => {
                let found = paths.into_iter().filter_map(|word| {
                    self.reads(&word, &shell_path::locate(self.policy, &scene.dirs, &word))
                });
                part.reasons.extend(found.collect::<Vec<_>>());
                if readers::heeds_settings(name) {
                    let why = format!(
                        "Settings in this folder may make `{name}` run something, and there is no sandbox"
                    );
                    part.reasons.push(AskReason::new(ReasonKind::Configured, why));
                }
            }
            Err(why) => {
                part.reasons.extend(needs::of(name, words));
                part.reasons.extend(git.as_ref().and_then(Git::needs));
                part.reasons.extend(self.writes(name, words, &scene.dirs));
                part.edits = self.edits(name, words, &scene.dirs);
                part.loses = self.loses(name, words, &scene.outer_texts, &scene.dirs);
                part.reasons.push(AskReason::new(ReasonKind::Other, why));
            }
        }
        let wrapping =
            if reads && !readers::always_reads(name) { Wrapping::Wrapped } else { scene.wrapping };
        part.learnable = pattern::of(name, words, &part.texts, wrapping);
        self.parts.push(part);
        for line in git.into_iter().flat_map(|git| git.aliases) {
            let outer_texts = self.parts.last().map(|part| part.texts.clone()).unwrap_or_default();
            self.script_in(
                words,
                &line,
                &WalkScene {
                    outer_texts,
                    inherited: Vec::new(),
                    wrapping: Wrapping::Wrapped,
                    ..scene.clone()
                },
            );
        }
    }

    /// The ways to spell a command whose unclear words stand for known names: none if they do not,
    /// or if all its words are clear.
    fn spellings(&self, words: &[ShellWord], scene: &WalkScene) -> Vec<Vec<ShellWord>> {
        let is_unclear = words.iter().any(|word| word.form == WordForm::Unknown);
        let KnownNames { variables, added, .. } = &scene.names;
        is_unclear.then(|| names::spelled(words, variables, added)).flatten().unwrap_or_default()
    }

    /// Whether a command only reads in the folder in each of these spellings. Where a name may be
    /// split, its pieces could be an expression of a `test`.
    fn reads_known_names(
        &self,
        name: &str,
        may_split: bool,
        spellings: &[Vec<ShellWord>],
        dirs: &[Dir],
    ) -> bool {
        let reads_inside = |spelling: &Vec<ShellWord>| {
            let is_name = |word: &ShellWord| word.form == WordForm::Glob && asks(name);
            let one = |word: &ShellWord| match is_name(word) {
                // A variable holds one name that fits.
                true => ShellWord { form: WordForm::Listed, ..word.clone() },
                false => word.clone(),
            };
            let args: Vec<ShellWord> = spelling[1..].iter().map(one).collect();
            let args = args.as_slice();
            let is_listed = args.iter().any(|word| word.form == WordForm::Listed);
            let inside = |word: &ShellWord| {
                self.reads(word, &shell_path::locate(self.policy, dirs, word)).is_none()
            };
            let mut secrets = Vec::new();
            args.iter().for_each(|word| self.name_secrets(word, &mut secrets));
            secrets.is_empty()
                && (!is_listed || !may_split && readers::takes_names(name, args))
                && readers::reads(name, args).is_ok_and(|paths| paths.iter().all(inside))
        };
        !spellings.is_empty()
            && !readers::heeds_settings(name)
            && spellings.iter().all(reads_inside)
    }

    fn unwrap(
        &mut self,
        words: &[ShellWord],
        redirects: &[Redirect],
        inside: WrappedCommand,
        mut part: CommandPart,
        scene: &WalkScene,
        depth: usize,
    ) {
        let WrappedCommand { commands, scripts, reasons, wrapping, folder, .. } = inside;
        let count = commands.len() + scripts.len();
        part.reasons.extend(reasons);
        if let Some(name) = words[0].known().map(command_name) {
            part.edits = self.edits(name, words, &scene.dirs);
        }
        let wrapping =
            if wrapping == Wrapping::Wrapped { Wrapping::Wrapped } else { scene.wrapping };
        let dirs = match folder {
            Some(word) => {
                scene.dirs.iter().map(|dir| shell_path::enter(self.policy, dir, &word)).collect()
            }
            None => scene.dirs.clone(),
        };
        for path in inside.paths {
            part.reasons
                .extend(self.reads(&path, &shell_path::locate(self.policy, &scene.dirs, &path)));
        }
        if count == 0 {
            part.loses = losses::all();
            part.learnable = pattern::of(&words[0].text, words, &part.texts, wrapping);
            return self.parts.push(part);
        }
        let added = match words[0].known().map(command_name) {
            Some("xargs" | "gxargs")
                if listers::hands_names_on(&words[1..]) && listers::only_hides(redirects) =>
            {
                scene.names.piped.clone()
            }
            // They add no words of their own.
            Some("command" | "env" | "nice" | "nohup" | "stdbuf" | "timeout") => {
                scene.names.added.clone()
            }
            _ => Vec::new(),
        };
        let variables = scene.names.variables.clone();
        let inner = WalkScene {
            dirs,
            outer_texts: part.texts.clone(),
            inherited: part.reasons.clone(),
            wrapping,
            names: KnownNames { variables, piped: Vec::new(), added },
        };
        for command in commands {
            self.run(&command, &[], &inner, depth + 1);
        }
        for script in scripts {
            self.script_in(words, &script, &inner);
        }
    }

    /// Files outside of the folder that a command writes to by its own words.
    fn writes(&self, name: &str, words: &[ShellWord], dirs: &[Dir]) -> Vec<AskReason> {
        let mut reasons = Vec::new();
        for word in needs::written(name, words) {
            let text = word.text.as_str();
            let spot = shell_path::locate(self.policy, dirs, &word);
            let inside = if let Spot::Inside(path) = &spot {
                shell_path::later(&path.to_string_lossy())
            } else {
                None
            };
            if let Some(later) = shell_path::later(text).or(inside) {
                reasons.push(AskReason::new(ReasonKind::Danger, format!("{later}: `{text}`")));
                continue;
            }
            match spot {
                Spot::Inside(_) | Spot::Stream => {}
                Spot::Outside(path) => {
                    reasons.push(AskReason::new(
                        ReasonKind::Beyond(Some(path.clone())),
                        format!("It writes outside of the folder: `{}`", path.display()),
                    ));
                }
                Spot::Unknown if dirs.contains(&Dir::Unknown) && word.form == WordForm::Literal => {
                    reasons.push(AskReason::new(
                        ReasonKind::Beyond(None),
                        format!("It is not clear in advance where it writes: `{text}`"),
                    ));
                }
                Spot::Unknown => reasons.push(AskReason::new(
                    ReasonKind::Other,
                    format!("It is not clear in advance where it writes: `{text}`"),
                )),
            }
        }
        reasons
    }

    /// Files of the folder that a command writes to by its own words.
    fn edits(&self, name: &str, words: &[ShellWord], dirs: &[Dir]) -> Vec<NamedFiles> {
        let written = needs::written(name, words).into_iter();
        let spots = written.map(|word| (shell_path::locate(self.policy, dirs, &word), word.form));
        spots
            .filter_map(|(spot, form)| match spot {
                Spot::Inside(path) if form == WordForm::Glob => {
                    Some(NamedFiles::Glob(path.to_string_lossy().into_owned()))
                }
                Spot::Inside(path) => Some(NamedFiles::Tree(path)),
                Spot::Outside(_) | Spot::Stream | Spot::Unknown => None,
            })
            .collect()
    }

    /// Files named in a word that may hold secrets, in any spelling: `--file=.env`, `@.env`,
    /// `HEAD:.env`, `open('.env')`.
    pub(super) fn name_secrets(&self, word: &ShellWord, reasons: &mut Vec<AskReason>) {
        let pieces = word.text.split(|c: char| !(c.is_alphanumeric() || "._/~*?-+[]".contains(c)));
        let attached = |piece: &'_ str| {
            piece.strip_prefix('-').and_then(|rest| rest.get(1..)).map(str::to_owned)
        };
        let braced = if word.form == WordForm::Braces { braces(&word.text) } else { Vec::new() };
        let names = pieces
            .flat_map(|piece| [Some(piece.to_owned()), attached(piece)])
            .flatten()
            .chain(braced);
        for name in names.filter(|name| !name.is_empty()) {
            if is_secret(name.as_ref()) || word.form != WordForm::Literal && may_mean_secret(&name)
            {
                let why = format!("`{name}` may hold secrets");
                if !reasons.iter().any(|reason| reason.why == why) {
                    reasons.push(AskReason::new(ReasonKind::Secret(name), why));
                }
            }
        }
        let asks = ["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL"];
        let tells = word.text.split('$').skip(1).map(|rest| {
            rest.trim_start_matches('{')
                .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .next()
                .unwrap_or_default()
        });
        for name in tells.filter(|name| {
            word.form == WordForm::Unknown
                && asks.iter().any(|part| name.to_uppercase().contains(part))
        }) {
            reasons.push(AskReason::new(
                ReasonKind::Secret(format!("${name}")),
                format!("`${name}` may hold a secret"),
            ));
        }
    }
}

/// Whether a command asks about files with an expression.
fn asks(name: &str) -> bool {
    ["test", "["].contains(&name)
}

/// Whether a shell may make several words of what a word stands for.
fn may_be_split(word: &ShellWord) -> bool {
    word.expansions.iter().any(|expansion| !expansion.is_quoted)
}

/// Whether the last part of a glob may stand for a file that holds secrets.
fn may_mean_secret(glob: &str) -> bool {
    let name = glob.rsplit('/').next().unwrap_or(glob);
    let begins = name.chars().next().is_some_and(|c| c == '.' || c.is_alphanumeric());
    let class = name.split_once('[').and_then(|(before, rest)| {
        rest.split_once(']').map(|(_, after)| format!("{before}?{after}"))
    });
    let pattern = class.unwrap_or_else(|| name.to_owned());
    begins
        && pattern.contains(['*', '?'])
        && [".env", ".netrc", "id_rsa", "id_ed25519"]
            .iter()
            .any(|name| super::super::glob::fits(&pattern, name))
}

/// The words that `a{b,c}d` stands for, as far as it matters for names.
fn braces(text: &str) -> Vec<String> {
    let (Some(open), Some(close)) = (text.find('{'), text.rfind('}')) else { return Vec::new() };
    let Some(list) = text.get(open + 1..close) else { return Vec::new() };
    list.split(',')
        .take(64)
        .map(|middle| format!("{}{middle}{}", &text[..open], &text[close + 1..]))
        .collect()
}
