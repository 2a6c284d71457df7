//! Goes through the steps of a line and keeps in mind in which folder each may run.

use std::path::Path;

use crate::protocol::LineEdits;

use super::super::decision::PolicyConfig;
use super::super::shell::{
    self, Compound, Node, Redirect, RedirectKind, ShellOperator, ShellStep, ShellWord, Simple,
};
use super::super::shell_path::{self, Dir, Spot};
use super::readers::names::{self, LoopVariable};
use super::readers::{self, listers};
use super::{AskReason, CommandPart, CommandText, ReasonKind, command_name, danger, settings};

/// More folders than these are as good as unknown.
const MOST_FOLDERS: usize = 6;

/// The parts of a line that runs in `folder`. What cannot be understood is one part that says so.
pub fn parts(policy: &PolicyConfig, line: &str, folder: &Path) -> Vec<CommandPart> {
    walked(policy, line, folder).parts
}

/// With which edits such a line shows no committed secrets, where its parts give no reason to ask.
pub fn line_edits(policy: &PolicyConfig, line: &str, folder: &Path) -> LineEdits {
    walked(policy, line, folder).edits
}

fn walked<'a>(policy: &'a PolicyConfig, line: &str, folder: &Path) -> LineWalk<'a> {
    let edits = LineEdits::default();
    let mut walk =
        LineWalk { policy, parts: Vec::new(), edits, steady_variables: Vec::new(), depth: 0 };
    walk.script(
        line,
        &WalkScene {
            dirs: vec![Dir::At(folder.to_path_buf())],
            outer_texts: Vec::new(),
            inherited: Vec::new(),
            wrapping: Wrapping::Bare,
            names: KnownNames::default(),
        },
    );
    walk.heed_limits(line);
    walk.edits.edits.sort_by_key(|edit| (edit.letters.start, edit.letters.end));
    walk.edits.edits.dedup();
    walk
}

pub(super) struct LineWalk<'a> {
    pub(super) policy: &'a PolicyConfig,
    pub(super) parts: Vec<CommandPart>,
    pub(super) edits: LineEdits,
    /// Variables of loops in the line itself that nothing else in it sets.
    steady_variables: Vec<String>,
    depth: usize,
}

/// Where and within what a command runs.
#[derive(Clone)]
pub(super) struct WalkScene {
    pub(super) dirs: Vec<Dir>,
    pub(super) outer_texts: Vec<CommandText>,
    /// Reasons from the wrappers, redirections and assignments around it.
    pub(super) inherited: Vec<AskReason>,
    pub(super) wrapping: Wrapping,
    pub(super) names: KnownNames,
}

/// Names that unclear words stand for.
#[derive(Clone, Default)]
pub(super) struct KnownNames {
    pub(super) variables: Vec<LoopVariable>,
    /// Names on the standard input of the command.
    pub(super) piped: Vec<ShellWord>,
    /// Names that an `xargs` around the command adds to its words.
    pub(super) added: Vec<ShellWord>,
}

/// Whether the words before a command say nothing of what it does, so that a rule about its
/// beginning would say nothing either.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrapping {
    Bare,
    /// Inside of `sh -c`, `xargs`, `sudo` and the like.
    Wrapped,
}

impl LineWalk<'_> {
    pub(super) fn script(&mut self, line: &str, scene: &WalkScene) {
        self.depth += 1;
        // Another shell knows none of the names.
        let scene = &WalkScene { names: KnownNames::default(), ..scene.clone() };
        let steps = if self.depth > 8 {
            Err(shell::Unclear("it is nested too deeply"))
        } else {
            shell::parse(line)
        };
        match steps {
            Ok(steps) => {
                if self.depth == 1 {
                    self.steady_variables = names::steady(&steps);
                }
                self.steps(&steps, scene);
            }
            Err(shell::Unclear(what)) => {
                let mut texts = scene.outer_texts.clone();
                texts.push(CommandText::of(&[ShellWord::literal(line.trim())]));
                let mut reasons = scene.inherited.clone();
                reasons.push(AskReason::new(
                    ReasonKind::Unclear,
                    format!("The command could not be understood: {what}"),
                ));
                self.parts.push(CommandPart { texts, reasons, ..CommandPart::default() });
                self.doubled_brackets(line, scene);
            }
        }
        self.depth -= 1;
    }

    /// Reads `((`, which computes, unless a list within a list follows. Dangerous commands in such
    /// a list count in either case, and nothing can be learned of it.
    fn doubled_brackets(&mut self, line: &str, scene: &WalkScene) {
        let apart = line.replace("((", "( (").replace("((", "( (");
        if apart == line {
            return;
        }
        let Ok(steps) = shell::parse(&apart) else { return };
        let (known, edits) = (self.parts.len(), self.edits.clone());
        self.steps(&steps, scene);
        let found = self.parts.split_off(known);
        // It asks anyway.
        self.edits = edits;
        self.parts.extend(found.into_iter().filter_map(|part| {
            let reasons: Vec<AskReason> = part
                .reasons
                .into_iter()
                .filter(|reason| reason.kind == ReasonKind::Danger)
                .collect();
            (!reasons.is_empty()).then(|| CommandPart {
                texts: part.texts,
                reasons,
                ..CommandPart::default()
            })
        }));
    }

    /// Answers in which folders it may end.
    pub(super) fn steps(&mut self, steps: &[ShellStep], scene: &WalkScene) -> Vec<Dir> {
        let mut sure = scene.dirs.clone();
        let mut maybe = scene.dirs.clone();
        for step in steps {
            let dirs = if step.link == ShellOperator::And { sure.clone() } else { maybe.clone() };
            let after = self.node(&step.node, &WalkScene { dirs, ..scene.clone() });
            merge(&mut maybe, &after);
            sure = after;
        }
        maybe
    }

    fn node(&mut self, node: &Node, scene: &WalkScene) -> Vec<Dir> {
        match node {
            Node::Simple(simple) => self.simple(simple, scene),
            Node::Pipe(nodes) => {
                let mut scene = scene.clone();
                if danger::runs_download(nodes) {
                    scene
                        .inherited
                        .push(AskReason::new(ReasonKind::Danger, "It runs what it downloads"));
                }
                for (at, node) in nodes.iter().enumerate() {
                    scene.names.piped = listers::listed_by(&nodes[..at]).unwrap_or_default();
                    self.node(node, &scene);
                }
                scene.dirs
            }
            Node::Compound { kind, variable, words, bodies, redirects } => {
                let mut scene = scene.clone();
                scene.names.piped.clear();
                let looped = variable.as_deref();
                self.compound(*kind, looped, words, bodies, redirects, &scene)
            }
        }
    }

    fn compound(
        &mut self,
        kind: Compound,
        looped: Option<&str>,
        words: &[ShellWord],
        bodies: &[Vec<ShellStep>],
        redirects: &[Redirect],
        scene: &WalkScene,
    ) -> Vec<Dir> {
        let mut inner = scene.clone();
        for word in words {
            self.nested(word, scene);
            // A loop's words become values of a variable, a condition's are compared.
            if settings::computes(&word.text) && word.nested.is_empty() {
                inner
                    .inherited
                    .push(AskReason::new(ReasonKind::Setting, "It may run what it compares"));
            }
            self.name_secrets(word, &mut inner.inherited);
        }
        if kind == Compound::Group && settings::condition_computes(words) {
            let reason = AskReason::new(ReasonKind::Other, "It may run what it compares");
            inner.inherited.push(reason);
        }
        for redirect in redirects {
            self.redirect(redirect, scene, &mut inner.inherited);
        }
        if bodies.is_empty() && inner.inherited.len() > scene.inherited.len() {
            let texts = vec![CommandText::of(words)];
            self.parts.push(CommandPart {
                texts,
                reasons: inner.inherited.clone(),
                ..CommandPart::default()
            });
        }
        if kind == Compound::Loop && moves(bodies) {
            merge(&mut inner.dirs, &[Dir::Unknown]);
        }
        if let Some(name) = looped {
            inner.names.variables.retain(|variable| variable.name != name);
            let is_steady = self.depth == 1 && self.steady_variables.iter().any(|n| n == name);
            let known = is_steady.then(|| LoopVariable::over(name, words)).flatten();
            inner.names.variables.extend(known);
        }
        let mut after = scene.dirs.clone();
        for body in bodies {
            let end = self.steps(body, &inner);
            merge(&mut after, &end);
            merge(&mut inner.dirs, &end);
        }
        if kind == Compound::Subshell { scene.dirs.clone() } else { after }
    }

    /// Whatever a command of the line itself comes down to stands where it stands.
    fn simple(&mut self, simple: &Simple, scene: &WalkScene) -> Vec<Dir> {
        let known = self.parts.len();
        let dirs = self.simple_parts(simple, scene);
        if self.depth == 1 {
            let found = self.parts[known..].iter_mut().filter(|part| part.at.is_none());
            found.for_each(|part| part.at.clone_from(&simple.at));
        }
        dirs
    }

    fn simple_parts(&mut self, simple: &Simple, scene: &WalkScene) -> Vec<Dir> {
        let mut inner = scene.clone();
        let name = simple.words.first().and_then(ShellWord::known).map(command_name);
        let is_ignored = name.is_some_and(readers::ignores_variables);
        for assignment in &simple.assignments {
            self.nested(&assignment.value, scene);
            self.name_secrets(&assignment.value, &mut inner.inherited);
            let setting = settings::setting_reason(&assignment.name, &assignment.value);
            inner.inherited.extend(setting.filter(|reason| {
                // A name that means something to many programs is a graver reason.
                reason.kind != ReasonKind::Other || !is_ignored
            }));
        }
        for word in &simple.words {
            self.nested(word, scene);
        }
        for redirect in &simple.redirects {
            self.redirect(redirect, scene, &mut inner.inherited);
        }
        if simple.words.is_empty() {
            let texts: Vec<ShellWord> = simple
                .assignments
                .iter()
                .map(|a| ShellWord::literal(format!("{}={}", a.name, a.value.text)))
                .collect();
            self.parts.push(CommandPart {
                texts: vec![CommandText::of(&texts)],
                reasons: inner.inherited,
                ..CommandPart::default()
            });
            return scene.dirs.clone();
        }
        inner.inherited.extend(danger::runs_nested_download(simple));
        self.invoke(&simple.words, &simple.redirects, &inner);
        self.moved(&simple.words, scene)
    }

    /// The commands that run while a word is put together.
    fn nested(&mut self, word: &ShellWord, scene: &WalkScene) {
        let mut scene = scene.clone();
        scene.inherited.clear();
        scene.names.piped.clear();
        for steps in &word.nested {
            self.steps(steps, &scene);
        }
    }

    fn redirect(&mut self, redirect: &Redirect, scene: &WalkScene, reasons: &mut Vec<AskReason>) {
        let target = &redirect.target;
        self.nested(target, scene);
        if let Some(body) = redirect.body.get() {
            self.nested(body, scene);
        }
        if matches!(redirect.way, RedirectKind::Duplicate | RedirectKind::Here) {
            return;
        }
        self.name_secrets(target, reasons);
        let spot = shell_path::locate(self.policy, &scene.dirs, target);
        let shown = &target.text;
        let inside = if let Spot::Inside(path) = &spot {
            shell_path::later(&path.to_string_lossy())
        } else {
            None
        };
        if redirect.way == RedirectKind::Read {
            reasons.extend(self.reads(target, &spot));
        } else if shell_path::is_device(shown) {
            let why = match shell_path::connection(shown) {
                Some(to) => format!("It opens a network connection to `{to}`"),
                None => format!("It writes to a device: `{shown}`"),
            };
            reasons.push(AskReason::new(ReasonKind::Danger, why));
        } else if let Some(later) = shell_path::later(shown).or(inside) {
            reasons.push(AskReason::new(ReasonKind::Danger, format!("{later}: `{shown}`")));
        } else {
            reasons.extend(match spot {
                Spot::Stream => None,
                Spot::Inside(_) if target.form != shell::WordForm::Literal => Some(AskReason::new(
                    ReasonKind::Escape(None),
                    format!("It is not clear in advance where it writes: `{shown}`"),
                )),
                Spot::Inside(path) => {
                    Some(AskReason::new(ReasonKind::Write(path), format!("It writes to `{shown}`")))
                }
                Spot::Outside(path) => Some(AskReason::new(
                    ReasonKind::Escape(Some(path.clone())),
                    format!("It writes outside of the folder: `{}`", path.display()),
                )),
                Spot::Unknown => Some(AskReason::new(
                    ReasonKind::Escape(None),
                    format!("It is not clear in advance where it writes: `{shown}`"),
                )),
            });
        }
    }

    /// Why a file may not just be read.
    pub(super) fn reads(&self, word: &ShellWord, spot: &Spot) -> Option<AskReason> {
        match spot {
            Spot::Inside(_) | Spot::Stream => None,
            // `<(…)` gives the output of the command in it, which is judged on its own.
            Spot::Unknown
                if word.text.starts_with("<(")
                    && word.text.ends_with(')')
                    && word.nested.len() == 1 =>
            {
                None
            }
            Spot::Outside(path) => Some(AskReason::new(
                ReasonKind::ReadsOutside(Some(path.clone())),
                format!("It reads outside of the folder: `{}`", path.display()),
            )),
            Spot::Unknown => Some(AskReason::new(
                ReasonKind::ReadsOutside(None),
                format!("It is not clear in advance what it reads: `{}`", word.text),
            )),
        }
    }

    /// In which folders the next command may run.
    fn moved(&self, words: &[ShellWord], scene: &WalkScene) -> Vec<Dir> {
        let mut rest = words;
        while let [first, more @ ..] = rest
            && ["command", "builtin"].contains(&first.text.as_str())
        {
            rest = more;
        }
        let Some(name) = rest.first().and_then(ShellWord::known) else { return vec![Dir::Unknown] };
        let target = super::operands(&rest[1..]).next();
        match name {
            "cd" | "chdir" if rest.iter().skip(1).any(|word| word.text == "-") => {
                vec![Dir::Unknown]
            }
            "cd" | "chdir" | "pushd" => {
                let home = ShellWord { root: shell::PathRoot::Home, ..ShellWord::literal("~") };
                let mut after = Vec::new();
                for dir in &scene.dirs {
                    merge(
                        &mut after,
                        &[shell_path::enter(self.policy, dir, target.unwrap_or(&home))],
                    );
                }
                after
            }
            "popd" | "eval" | "source" | "." | "z" => vec![Dir::Unknown],
            _ => scene.dirs.clone(),
        }
    }
}

fn merge(dirs: &mut Vec<Dir>, more: &[Dir]) {
    for dir in more {
        if !dirs.contains(dir) {
            dirs.push(dir.clone());
        }
    }
    if dirs.len() > MOST_FOLDERS {
        *dirs = vec![Dir::Unknown];
    }
}

/// Whether anything in here may change the working folder.
fn moves(bodies: &[Vec<ShellStep>]) -> bool {
    let mut simples = Vec::new();
    bodies.iter().flatten().for_each(|step| danger::simples(&step.node, &mut simples));
    let names = ["cd", "chdir", "pushd", "popd", "eval", "source", ".", "command", "builtin", "z"];
    simples
        .iter()
        .filter_map(|simple| simple.words.first())
        .any(|word| word.known().is_none_or(|name| names.contains(&name)))
}
