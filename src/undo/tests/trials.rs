//! Random trials: commands, edits by hand between and during them, kills, conflicts and redo, against a model of what every file must be.
//!
//! `CODLING_UNDO_STEPS=5000 cargo test --lib undo::tests::trials` runs for longer; `CODLING_UNDO_SEED` repeats a run, and
//! `CODLING_UNDO_REPORT` names a file for its counts.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::os::unix::fs::symlink;

use super::*;

/// A small generator of numbers: the same seed, the same trial.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }
}

const NAMES: [&str; 18] = [
    "a.txt",
    "b.bin",
    "crlf.txt",
    "run.sh",
    "fixed",
    "unicode-ö-猫.txt",
    "new\nline",
    "dir/one",
    "dir/two",
    "dir/deep/three",
    "other/four",
    "debug.log",
    "notes.local",
    "linked",
    "twin",
    "nested/.git/HEAD",
    "nested/file",
    "-dash ' \" $x",
];

struct Trial {
    garden: Garden,
    dice: Dice,
    seed: u64,
    /// Calls whose changes are on record.
    recorded: HashSet<String>,
    /// What undo must bring back: turns with what they changed, and the picture from before.
    turns: Vec<(Vec<FileChange>, Picture, BTreeSet<String>)>,
    told: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    steps: usize,
    commands: usize,
    kills: usize,
    undos: usize,
    redos: usize,
    paths: usize,
    conflicts: usize,
}

impl Trial {
    fn new(seed: u64) -> Self {
        let garden = Garden::new();
        garden.write(".gitignore", "*.log\n*.local\n");
        for (at, name) in NAMES.iter().enumerate() {
            garden.write(name, format!("{at}\r\n"));
        }
        garden.write("nested/.git/objects/pack/none", "");
        garden.write("b.bin", vec![0_u8; 3 << 20]);
        set_mode(&garden.path("run.sh"), 0o755);
        set_mode(&garden.path("fixed"), 0o444);
        garden.sh("rm linked twin; ln -s a.txt linked; ln crlf.txt twin; mkdir empty; git init -q mine 2>/dev/null || true");
        Self { garden, dice: Dice(seed | 1), seed, recorded: HashSet::new(), turns: Vec::new(), told: Counts::default() }
    }

    /// One random act; answers the names it may have touched.
    fn act(&mut self) -> Vec<String> {
        let (one, other) = (*self.dice.pick(&NAMES), *self.dice.pick(&NAMES));
        let text = format!("text {}\n", self.dice.roll(1000)).repeat(self.dice.roll(4));
        let garden = &self.garden;
        let parent = |name: &str| {
            let _there = fs::create_dir_all(garden.path(name).parent().unwrap());
        };
        match self.dice.roll(9) {
            0..=2 => {
                parent(one);
                // In place, as most programs write; a read-only file refuses that to a person who is not root.
                let _refused = fs::write(garden.path(one), text);
                vec![one.into()]
            }
            3 => {
                let _none = fs::remove_file(garden.path(one)).or_else(|_| fs::remove_dir_all(garden.path(one)));
                vec![one.into()]
            }
            4 => {
                parent(other);
                let _none = fs::rename(garden.path(one), garden.path(other));
                vec![one.into(), other.into()]
            }
            5 => {
                parent(one);
                let _none = fs::remove_file(garden.path(one));
                let _folder = symlink(other, garden.path(one));
                vec![one.into()]
            }
            6 => {
                let mode = *self.dice.pick(&[0o644, 0o755, 0o600, 0o4755, 0o444]);
                if fs::symlink_metadata(garden.path(one)).is_ok_and(|about| about.is_file()) {
                    set_mode(&garden.path(one), mode);
                }
                vec![one.into()]
            }
            7 => {
                parent(other);
                let _none = fs::remove_file(garden.path(other));
                let _folder = fs::hard_link(garden.path(one), garden.path(other));
                vec![one.into(), other.into()]
            }
            _ => {
                let (from, to) = (self.dice.pick(&["dir", "other", "moved"]), self.dice.pick(&["dir", "other", "moved"]));
                let _there_already = fs::rename(garden.path(from), garden.path(to));
                vec![format!("{from}/"), format!("{to}/")]
            }
        }
    }

    /// Where the links among the names lead.
    fn led(&self) -> Vec<String> {
        let is_link = |name: &&&str| fs::symlink_metadata(self.garden.path(name)).is_ok_and(|about| about.is_symlink());
        let led = NAMES.iter().filter(is_link).filter_map(|name| fs::canonicalize(self.garden.path(name)).ok());
        led.filter_map(|path| Some(path.strip_prefix(&self.garden.folder).ok()?.to_string_lossy().into_owned())).collect()
    }

    fn touched(&self, names: &[String]) -> Touched {
        let mut touched = Touched { complete: true, ..Touched::default() };
        for name in names {
            match name.strip_suffix('/') {
                Some(folder) => drop(touched.renamed.insert(self.garden.path(folder))),
                None => {
                    // Folders on the way come and go with what is in them.
                    for above in Path::new(name).ancestors().filter(|above| !above.as_os_str().is_empty()) {
                        touched.paths.insert(self.garden.path(&above.to_string_lossy()));
                    }
                    touched.renamed.insert(self.garden.path(name));
                }
            }
        }
        touched
    }

    /// A command with hand edits at the same time, to names of their own; and perhaps a kill in the middle.
    fn turn(&mut self) {
        let first = self.garden.all();
        let before = self.garden.before();
        let mut names = Vec::new();
        for _ in 0..1 + self.dice.roll(4) {
            // What is written through a link is written where that leads.
            names.extend(self.led());
            names.extend(self.act());
            names.extend(self.led());
        }
        let mut mine = BTreeSet::new();
        if self.dice.roll(3) == 0 {
            let name = format!("mine-{}", self.dice.roll(5));
            self.garden.write(&name, format!("by hand {}", self.dice.roll(1000)));
            mine.insert(name);
        }
        let touched = self.touched(&names);
        self.told.commands += 1;
        let changes = if self.dice.roll(6) == 0 {
            self.told.kills += 1;
            std::mem::forget(before);
            let garden = std::mem::replace(&mut self.garden, Garden::new());
            self.garden = garden.restart();
            let cut_off = self.garden.store.cut_off(&self.recorded, &|_| Some(touched.clone()));
            cut_off.into_iter().flat_map(|cut_off| cut_off.changes.files).collect()
        } else {
            let changes = self.garden.store.after(before, Some(&touched));
            self.recorded.insert(changes.id);
            changes.files
        };
        self.turns.push((changes, first, mine));
    }

    /// The last turn goes back, and perhaps comes again.
    fn undo(&mut self) {
        let Some((changes, first, mine)) = self.turns.pop() else { return };
        let then = self.garden.all();
        let steps = self.garden.preview(&changes);
        let unkept: BTreeMap<String, String> = steps.iter().filter_map(refused).collect();
        for step in &steps {
            let is_mine = mine.contains(&step.shown);
            assert!(!is_mine || step.state != ReviewedState::AsLeft, "a hand edit is offered as if it were the turn's: {step:?}");
        }
        let (undone, kept) = self.garden.undo_steps(&changes, &steps, Pick::Offered);
        self.told.undos += 1;
        let mut is_whole = true;
        let now = self.garden.all();
        let undone_picture = now.clone();
        let excused = |name: &str| mine.contains(name) || unkept.contains_key(name) || kept.iter().any(|kept| kept.starts_with(name));
        let (first, now): (BTreeMap<_, _>, BTreeMap<_, _>) = (first.into_iter().collect(), now.into_iter().collect());
        for name in first.keys().chain(now.keys()).collect::<BTreeSet<_>>() {
            self.told.paths += 1;
            if first.get(name) != now.get(name) {
                let told: Vec<String> = steps.iter().map(tell).collect();
                assert!(
                    excused(name),
                    "seed {}: {name:?} was {:?} and is {:?}; told {told:?}, kept {kept:?}",
                    self.seed,
                    first.get(name),
                    now.get(name)
                );
                self.told.conflicts += 1;
                is_whole = false;
            }
        }
        if !is_whole {
            // What was left stands in the way of the turns before.
            self.turns.clear();
        }
        for name in &mine {
            assert!(now.contains_key(name), "{name} was a person's own");
        }
        if self.dice.roll(2) == 0 {
            let steps = self.garden.preview(&undone);
            let (redone, kept) = self.garden.undo_steps(&undone, &steps, Pick::All);
            let told = |steps: &[UndoStep]| steps.iter().map(tell).collect::<Vec<_>>();
            assert_eq!(kept, Vec::<String>::new(), "seed {}", self.seed);
            let differs = differing(&then, &self.garden.all());
            assert!(differs.is_empty(), "seed {}: made again: {differs:?}; told {:?}", self.seed, told(&steps));
            self.told.redos += 1;
            let steps = self.garden.preview(&redone);
            self.garden.undo_steps(&redone, &steps, Pick::All);
            let differs = differing(&undone_picture, &self.garden.all());
            assert!(differs.is_empty(), "seed {}: taken back again: {differs:?}; told {:?}", self.seed, told(&steps));
        }
    }

    /// An edit by hand after the turns: it is asked about, and stays.
    fn conflict(&mut self) {
        let Some((changes, ..)) = self.turns.last() else { return };
        let changes = changes.clone();
        let name = "a.txt";
        if !fs::symlink_metadata(self.garden.path(name)).is_ok_and(|about| about.is_file() && mode_of(&about) & 0o200 != 0) {
            return;
        }
        let text = format!("after it, by hand {}", self.dice.roll(1000));
        self.garden.write(name, &text);
        let steps = self.garden.preview(&changes);
        self.garden.undo_steps(&changes, &steps, Pick::Offered);
        assert_eq!(self.garden.read(name).unwrap(), text);
        self.turns.clear();
    }
}

/// What is not the same in two pictures.
fn differing(one: &Picture, other: &Picture) -> Vec<(String, String)> {
    let (one, other): (BTreeSet<_>, BTreeSet<_>) = (one.iter().cloned().collect(), other.iter().cloned().collect());
    one.symmetric_difference(&other).cloned().collect()
}

fn refused(step: &UndoStep) -> Option<(String, String)> {
    match step.state {
        ReviewedState::Cannot(why) => Some((step.shown.clone(), why.to_owned())),
        _ => None,
    }
}

fn run(seed: u64, steps: usize) -> Counts {
    let mut trial = Trial::new(seed);
    for step in 0..steps {
        match trial.dice.roll(8) {
            0..=3 => trial.turn(),
            4..=5 => trial.undo(),
            6 => {
                // By hand, between turns: what was done before may not be taken back blindly any more.
                trial.act();
                trial.turns.clear();
            }
            _ => trial.conflict(),
        }
        trial.told.steps = step + 1;
    }
    trial.told
}

#[test]
fn whatever_happens_nothing_is_lost_without_a_yes() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<usize>().ok());
    let steps = number("CODLING_UNDO_STEPS").unwrap_or(240);
    let seed = number("CODLING_UNDO_SEED");
    let (seeds, each) = match seed {
        Some(seed) => (vec![seed], steps),
        None => ((1..=6).map(|seed| seed * 7919).collect(), steps / 6),
    };
    let report: Vec<String> = seeds.into_iter().map(|seed| format!("seed {seed}: {:?}\n", run(seed as u64, each))).collect();
    if let Some(file) = std::env::var_os("CODLING_UNDO_REPORT") {
        fs::write(file, report.concat()).unwrap();
    }
}
