//! Goes through the steps of a line and keeps in mind in which folder each may run. Does not know what a command does.

use std::path::Path;

use super::super::Law;
use super::super::place::{self, Dir, Spot};
use super::super::shell::{self, Compound, Link, Node, Redirect, Simple, Step, Way, Word};
use super::{Kind, Part, Reason, Text, danger, settings};

/// More folders than these are as good as unknown.
const MOST_FOLDERS: usize = 6;

/// The parts of a line that runs in `folder`. What cannot be understood is one part that says so.
pub fn parts(law: &Law, line: &str, folder: &Path) -> Vec<Part> {
    let mut walk = Walk { law, parts: Vec::new(), depth: 0 };
    walk.script(line, &Scene { dirs: vec![Dir::At(folder.to_path_buf())], outer: Vec::new(), inherited: Vec::new(), told: Told::Plainly });
    walk.parts
}

pub(super) struct Walk<'a> {
    pub(super) law: &'a Law,
    pub(super) parts: Vec<Part>,
    depth: usize,
}

/// Where and within what a command runs.
#[derive(Clone)]
pub(super) struct Scene {
    pub(super) dirs: Vec<Dir>,
    pub(super) outer: Vec<Text>,
    /// What the wrappers, redirections and assignments around it say.
    pub(super) inherited: Vec<Reason>,
    pub(super) told: Told,
}

/// Whether the words before a command say nothing of what it does, so that a rule about its beginning would.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Plainly,
    /// Inside of `sh -c`, `xargs`, `sudo` and the like.
    Wrapped,
}

impl Walk<'_> {
    pub(super) fn script(&mut self, line: &str, scene: &Scene) {
        self.depth += 1;
        let steps = if self.depth > 8 { Err(shell::Unclear("it is nested too deeply")) } else { shell::parse(line) };
        match steps {
            Ok(steps) => {
                self.steps(&steps, scene);
            }
            Err(shell::Unclear(what)) => {
                let mut texts = scene.outer.clone();
                texts.push(Text::of(&[Word::literal(line.trim())]));
                let mut reasons = scene.inherited.clone();
                reasons.push(Reason::new(Kind::Unclear, format!("The command could not be understood: {what}")));
                self.parts.push(Part { texts, reasons, ..Part::default() });
                self.doubled_brackets(line, scene);
            }
        }
        self.depth -= 1;
    }

    /// `((` computes, unless what follows turns out to be a list within a list. What is dangerous in such a list counts in either case, and nothing can be
    /// learned of it.
    fn doubled_brackets(&mut self, line: &str, scene: &Scene) {
        let apart = line.replace("((", "( (").replace("((", "( (");
        if apart == line {
            return;
        }
        let Ok(steps) = shell::parse(&apart) else { return };
        let known = self.parts.len();
        self.steps(&steps, scene);
        let found = self.parts.split_off(known);
        self.parts.extend(found.into_iter().filter_map(|part| {
            let reasons: Vec<Reason> = part.reasons.into_iter().filter(|reason| reason.kind == Kind::Danger).collect();
            (!reasons.is_empty()).then(|| Part { texts: part.texts, reasons, ..Part::default() })
        }));
    }

    /// Answers in which folders it may end.
    pub(super) fn steps(&mut self, steps: &[Step], scene: &Scene) -> Vec<Dir> {
        let mut sure = scene.dirs.clone();
        let mut maybe = scene.dirs.clone();
        for step in steps {
            let dirs = if step.link == Link::And { sure.clone() } else { maybe.clone() };
            let after = self.node(&step.node, &Scene { dirs, ..scene.clone() });
            merge(&mut maybe, &after);
            sure = after;
        }
        maybe
    }

    fn node(&mut self, node: &Node, scene: &Scene) -> Vec<Dir> {
        match node {
            Node::Simple(simple) => self.simple(simple, scene),
            Node::Pipe(nodes) => {
                let mut scene = scene.clone();
                if danger::runs_download(nodes) {
                    scene.inherited.push(Reason::new(Kind::Danger, "It runs what it downloads"));
                }
                for node in nodes {
                    self.node(node, &scene);
                }
                scene.dirs
            }
            Node::Compound { kind, words, bodies, redirects } => self.compound(*kind, words, bodies, redirects, scene),
        }
    }

    fn compound(&mut self, kind: Compound, words: &[Word], bodies: &[Vec<Step>], redirects: &[Redirect], scene: &Scene) -> Vec<Dir> {
        let mut inner = scene.clone();
        for word in words {
            self.nested(word, scene);
            // A loop's words become values of a variable, a condition's are compared.
            if settings::computes(&word.text) && word.nested.is_empty() {
                inner.inherited.push(Reason::new(Kind::Setting, "It may run what it compares"));
            }
            self.name_secrets(word, &mut inner.inherited);
        }
        for redirect in redirects {
            self.redirect(redirect, scene, &mut inner.inherited);
        }
        if bodies.is_empty() && inner.inherited.len() > scene.inherited.len() {
            let texts = vec![Text::of(words)];
            self.parts.push(Part { texts, reasons: inner.inherited.clone(), ..Part::default() });
        }
        if kind == Compound::Loop && moves(bodies) {
            merge(&mut inner.dirs, &[Dir::Unknown]);
        }
        let mut after = scene.dirs.clone();
        for body in bodies {
            let end = self.steps(body, &inner);
            merge(&mut after, &end);
            merge(&mut inner.dirs, &end);
        }
        if kind == Compound::Subshell { scene.dirs.clone() } else { after }
    }

    fn simple(&mut self, simple: &Simple, scene: &Scene) -> Vec<Dir> {
        let mut inner = scene.clone();
        for assignment in &simple.assignments {
            self.nested(&assignment.value, scene);
            self.name_secrets(&assignment.value, &mut inner.inherited);
            inner.inherited.extend(settings::weigh(&assignment.name, &assignment.value));
        }
        for word in &simple.words {
            self.nested(word, scene);
        }
        for redirect in &simple.redirects {
            self.redirect(redirect, scene, &mut inner.inherited);
        }
        if simple.words.is_empty() {
            let texts: Vec<Word> = simple.assignments.iter().map(|a| Word::literal(format!("{}={}", a.name, a.value.text))).collect();
            self.parts.push(Part { texts: vec![Text::of(&texts)], reasons: inner.inherited, ..Part::default() });
            return scene.dirs.clone();
        }
        inner.inherited.extend(danger::runs_nested_download(simple));
        self.invoke(&simple.words, &simple.redirects, &inner);
        self.moved(&simple.words, scene)
    }

    /// What runs while a word is put together.
    fn nested(&mut self, word: &Word, scene: &Scene) {
        let mut scene = scene.clone();
        scene.inherited.clear();
        for steps in &word.nested {
            self.steps(steps, &scene);
        }
    }

    fn redirect(&mut self, redirect: &Redirect, scene: &Scene, reasons: &mut Vec<Reason>) {
        let target = &redirect.target;
        self.nested(target, scene);
        if let Some(body) = redirect.body.get() {
            self.nested(body, scene);
        }
        if matches!(redirect.way, Way::Duplicate | Way::Here) {
            return;
        }
        self.name_secrets(target, reasons);
        let spot = place::locate(self.law, &scene.dirs, target);
        let shown = &target.text;
        let inside = if let Spot::Inside(path) = &spot { place::later(&path.to_string_lossy()) } else { None };
        if redirect.way == Way::Read {
            reasons.extend(self.reads(target, &spot));
        } else if place::is_device(shown) {
            reasons.push(Reason::new(Kind::Danger, format!("It writes to a device: `{shown}`")));
        } else if let Some(later) = place::later(shown).or(inside) {
            reasons.push(Reason::new(Kind::Danger, format!("{later}: `{shown}`")));
        } else {
            reasons.extend(match spot {
                Spot::Stream => None,
                Spot::Inside(_) if target.form != shell::Form::Literal => {
                    Some(Reason::new(Kind::Escape(None), format!("It is not clear in advance where it writes: `{shown}`")))
                }
                Spot::Inside(path) => Some(Reason::new(Kind::Write(path), format!("It writes to `{shown}`"))),
                Spot::Outside(path) => {
                    Some(Reason::new(Kind::Escape(Some(path.clone())), format!("It writes outside of the folder: `{}`", path.display())))
                }
                Spot::Unknown => Some(Reason::new(Kind::Escape(None), format!("It is not clear in advance where it writes: `{shown}`"))),
            });
        }
    }

    /// Why a file may not just be read.
    pub(super) fn reads(&self, word: &Word, spot: &Spot) -> Option<Reason> {
        match spot {
            Spot::Inside(_) | Spot::Stream => None,
            // What `<(…)` gives is what the command in it prints, which is judged on its own.
            Spot::Unknown if word.text.starts_with("<(") && word.text.ends_with(')') && word.nested.len() == 1 => None,
            Spot::Outside(path) => Some(Reason::new(Kind::Other, format!("It reads outside of the folder: `{}`", path.display()))),
            Spot::Unknown => Some(Reason::new(Kind::Other, format!("It is not clear in advance what it reads: `{}`", word.text))),
        }
    }

    /// In which folders the next command may run.
    fn moved(&self, words: &[Word], scene: &Scene) -> Vec<Dir> {
        let mut rest = words;
        while let [first, more @ ..] = rest
            && ["command", "builtin"].contains(&first.text.as_str())
        {
            rest = more;
        }
        let Some(name) = rest.first().and_then(Word::known) else { return vec![Dir::Unknown] };
        let target = super::operands(&rest[1..]).next();
        match name {
            "cd" | "chdir" if rest.iter().skip(1).any(|word| word.text == "-") => vec![Dir::Unknown],
            "cd" | "chdir" | "pushd" => {
                let home = Word { root: shell::Root::Home, ..Word::literal("~") };
                let mut after = Vec::new();
                for dir in &scene.dirs {
                    merge(&mut after, &[place::enter(self.law, dir, target.unwrap_or(&home))]);
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
fn moves(bodies: &[Vec<Step>]) -> bool {
    let mut simples = Vec::new();
    bodies.iter().flatten().for_each(|step| danger::simples(&step.node, &mut simples));
    let names = ["cd", "chdir", "pushd", "popd", "eval", "source", ".", "command", "builtin", "z"];
    simples.iter().filter_map(|simple| simple.words.first()).any(|word| word.known().is_none_or(|name| names.contains(&name)))
}
