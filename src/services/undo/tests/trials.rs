//! Random trials: commands, edits by hand between and during them, kills, conflicts and redo,
//! against a model of what every file must be.
//!
//! `CODLING_UNDO_STEPS=5000 cargo test --lib undo::tests::trials` runs for longer;
//! `CODLING_UNDO_SEED` repeats a run, and `CODLING_UNDO_REPORT` names a file for its counts.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::os::unix::fs::symlink;

use super::*;
use crate::base::Attributes;
use crate::protocol::{Direction, TurnFiles};
use crate::undo::path_handle::open;

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

const NAMES: [&str; 60] = [
    "a.txt",
    "b.txt",
    "empty",
    "no-newline",
    "crlf.txt",
    "mixed-ends.txt",
    "bytes.bin",
    "zeros.bin",
    BIG,
    "run.sh",
    "dir/run.sh",
    "fixed",
    "dir/fixed",
    "private",
    "setuid",
    "sticky",
    "unicode-ö-猫.txt",
    "o\u{308}-combining",
    "\u{202e}turned",
    "🦀",
    "new\nline",
    "carriage\rreturn",
    "tab\there",
    "a space",
    "trailing ",
    " leading",
    "-dash ' \" $x",
    "back\\slash",
    "*",
    "[ab]?",
    "#comment",
    "~",
    "!not",
    ".hidden",
    "a-name-that-is-longer-than-most-are-and-goes-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-until-it-ends",
    "dir/one",
    "dir/two",
    "dir/deep/three",
    "dir/deep/deeper/four",
    "other/five",
    "other/six",
    "dir.d/seven",
    "debug.log",
    "notes.local",
    "logs/today.log",
    "other/cache.local",
    "linked",
    "link-to-folder",
    "link-to-nowhere",
    "link-away",
    "link-to-itself",
    "dir/link-up",
    "twin",
    "dir/twin",
    "other/twin-of-bytes",
    "nested/.git/HEAD",
    "nested/file",
    "nested/dir/file",
    "bare.git/HEAD",
    "worktree/.git",
];
const BIG: &str = "big.bin";
const FOLDERS: [&str; 5] = ["dir", "dir/deep", "other", "moved", "nested"];

/// The first content of a file of this name, and its mode.
fn planted(at: usize, name: &str) -> (Vec<u8>, u32) {
    let lines = |end: &str| format!("line {at}{end}").repeat(3).into_bytes();
    let content = match name {
        BIG => vec![7; 5 << 20],
        "empty" => Vec::new(),
        "no-newline" => b"no newline".to_vec(),
        "crlf.txt" => lines("\r\n"),
        "mixed-ends.txt" => [lines("\n"), lines("\r\n")].concat(),
        "bytes.bin" => (0..=255).cycle().take(70_000).collect(),
        "zeros.bin" => vec![0; 3 << 20],
        _ => lines("\n"),
    };
    let mode = match name {
        "run.sh" | "dir/run.sh" => 0o755,
        "fixed" | "dir/fixed" => 0o444,
        "private" => 0o600,
        "setuid" => 0o4755,
        "sticky" => 0o1644,
        _ => 0o644,
    };
    (content, mode)
}

/// Names that are links, and names that are one file.
const LINKS: [(&str, &str); 6] = [
    ("linked", "a.txt"),
    ("link-to-folder", "dir"),
    ("link-to-nowhere", "gone/for ever"),
    ("link-away", "/etc/hostname"),
    ("link-to-itself", "link-to-itself"),
    ("dir/link-up", "../.."),
];
const TWINS: [(&str, &str); 3] =
    [("twin", "crlf.txt"), ("dir/twin", "run.sh"), ("other/twin-of-bytes", "bytes.bin")];

struct Trial {
    fixture: Fixture,
    dice: Dice,
    seed: u64,
    written: usize,
    /// Calls whose changes are on record.
    recorded: HashSet<String>,
    /// Turns with their changes, and the picture from before that undo must restore.
    turns: Vec<Turn>,
    counts: Counts,
}

struct Turn {
    changes: Vec<FileChange>,
    first: Picture,
    mine: BTreeSet<String>,
    /// No later turn was taken back: a file that was gone and made anew is another, and cannot be
    /// joined by its old names.
    is_last: bool,
}

#[derive(Debug, Default)]
struct Counts {
    steps: usize,
    commands: usize,
    edits: usize,
    kills: usize,
    undos: usize,
    redos: usize,
    /// Redos over edits that were made by hand in between.
    edited_redos: usize,
    paths: usize,
    conflicts: usize,
}

impl Trial {
    fn new(seed: u64) -> Self {
        let fixture = Fixture::new();
        fixture.write(".gitignore", "*.log\n*.local\n");
        for (at, name) in NAMES.iter().enumerate() {
            let (content, mode) = planted(at, name);
            fixture.write(name, content);
            set_mode(&fixture.path(name), mode);
        }
        fixture.write("nested/.git/objects/pack/none", "");
        for (name, target) in LINKS {
            fixture.remove(name);
            symlink(target, fixture.path(name)).unwrap();
        }
        for (name, other) in TWINS {
            fixture.remove(name);
            fs::hard_link(fixture.path(other), fixture.path(name)).unwrap();
        }
        fixture.sh("mkdir nothing-in-it; git init -q mine 2>/dev/null || true");
        Self {
            fixture,
            dice: Dice(seed | 1),
            seed,
            written: 0,
            recorded: HashSet::new(),
            turns: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// One random act; answers the names it may have touched.
    fn act(&mut self) -> Vec<String> {
        let (one, other) = (*self.dice.pick(&NAMES), *self.dice.pick(&NAMES));
        // No two files ever hold the same, so that a name cannot change from one of them to the
        // other unseen.
        self.written += 1;
        let number = self.written;
        let text = if one == BIG {
            number.to_le_bytes().repeat(5 << 17)
        } else {
            format!("text {number}\n").repeat(1 + self.dice.roll(3)).into_bytes()
        };
        let fixture = &self.fixture;
        let parent = |name: &str| {
            let _there = fs::create_dir_all(fixture.path(name).parent().unwrap());
        };
        match self.dice.roll(13) {
            12 => {
                if let Ok(file) = open(&fixture.path(one)) {
                    let value = number.to_le_bytes().to_vec();
                    let given = if number.is_multiple_of(4) {
                        Attributes::default()
                    } else {
                        Attributes::from([("user.trial", value)])
                    };
                    // A read-only file refuses it to an ordinary user, and some disks to all.
                    let _refused = given.give_to(&file);
                }
                vec![one.into()]
            }
            0..=2 => {
                parent(one);
                // In place, as most programs write; a read-only file refuses that to a person who
                // is not root.
                let _refused = fs::write(fixture.path(one), text);
                vec![one.into()]
            }
            3 => {
                let _none = fs::remove_file(fixture.path(one))
                    .or_else(|_| fs::remove_dir_all(fixture.path(one)));
                vec![one.into()]
            }
            4 => {
                parent(other);
                let _none = fs::rename(fixture.path(one), fixture.path(other));
                vec![one.into(), other.into()]
            }
            5 => {
                parent(one);
                let _none = fs::remove_file(fixture.path(one));
                let _folder = symlink(other, fixture.path(one));
                vec![one.into()]
            }
            6 => {
                let mode = *self.dice.pick(&[0o644, 0o755, 0o600, 0o4755, 0o1755, 0o2755, 0o444]);
                if fs::symlink_metadata(fixture.path(one)).is_ok_and(|about| about.is_file()) {
                    set_mode(&fixture.path(one), mode);
                }
                vec![one.into()]
            }
            7 => {
                parent(other);
                let _none = fs::remove_file(fixture.path(other));
                let _folder = fs::hard_link(fixture.path(one), fixture.path(other));
                vec![one.into(), other.into()]
            }
            8 => {
                let _in_the_way = fs::create_dir_all(fixture.path(one));
                vec![one.into()]
            }
            9 => {
                let folder = *self.dice.pick(&FOLDERS);
                let mode = *self.dice.pick(&[0o755, 0o700, 0o2775, 0o1777]);
                if fs::symlink_metadata(fixture.path(folder)).is_ok_and(|about| about.is_dir()) {
                    set_mode(&fixture.path(folder), mode);
                }
                vec![folder.into()]
            }
            10 => {
                let owner = *self.dice.pick(&[0, 1000, 65534]);
                let _only_root_may =
                    std::os::unix::fs::lchown(fixture.path(one), Some(owner), Some(owner));
                vec![one.into()]
            }
            _ => {
                let (from, to) = (self.dice.pick(&FOLDERS), self.dice.pick(&FOLDERS));
                let _there_already = fs::rename(fixture.path(from), fixture.path(to));
                vec![format!("{from}/"), format!("{to}/")]
            }
        }
    }

    /// Where the links among the names lead.
    fn led(&self) -> Vec<String> {
        let is_link = |name: &&&str| {
            fs::symlink_metadata(self.fixture.path(name)).is_ok_and(|about| about.is_symlink())
        };
        let led = NAMES
            .iter()
            .filter(is_link)
            .filter_map(|name| fs::canonicalize(self.fixture.path(name)).ok());
        // Nothing is ever written below a link to a folder.
        let led = led.filter(|path| path.is_file());
        led.filter_map(|path| {
            Some(path.strip_prefix(&self.fixture.folder).ok()?.to_string_lossy().into_owned())
        })
        .collect()
    }

    fn touched(&self, names: &[String]) -> Touched {
        let mut touched = Touched { complete: true, ..Touched::default() };
        for name in names {
            match name.strip_suffix('/') {
                Some(folder) => drop(touched.renamed.insert(self.fixture.path(folder))),
                None => {
                    // Folders on the way come and go with what is in them.
                    for above in
                        Path::new(name).ancestors().filter(|above| !above.as_os_str().is_empty())
                    {
                        touched.paths.insert(self.fixture.path(&above.to_string_lossy()));
                    }
                    touched.renamed.insert(self.fixture.path(name));
                }
            }
        }
        touched
    }

    /// Changes files as a tool does that names them beforehand: each is written anew beside its
    /// name, or removed.
    fn edit(&mut self, names: &[&str]) {
        for name in names {
            let path = self.fixture.path(name);
            if self.dice.roll(4) == 0 {
                let _none = fs::remove_file(path);
                continue;
            }
            let parent = path.parent().unwrap();
            fs::create_dir_all(parent).unwrap();
            let mode = fs::metadata(&path).map_or(0o644, |about| mode_of(&about));
            let draft = parent.join(".draft");
            self.written += 1;
            fs::write(&draft, format!("edited {}\n", self.written)).unwrap();
            set_mode(&draft, mode);
            fs::rename(draft, path).unwrap();
        }
    }

    /// Names of plain files, or of nothing yet, that a tool can write without following a link.
    fn editable(&mut self) -> Vec<&'static str> {
        let picked: BTreeSet<&str> =
            (0..1 + self.dice.roll(3)).map(|_| *self.dice.pick(&NAMES)).collect();
        let stands = |path: &Path| fs::symlink_metadata(path).map(|about| about.file_type());
        let fixture = &self.fixture;
        let is_way = |path: &Path| {
            path.ancestors().skip(1).all(|above| stands(above).map_or(true, |kind| kind.is_dir()))
        };
        let is_plain = |path: &Path| stands(path).map_or(true, |kind| kind.is_file());
        picked
            .into_iter()
            .filter(|name| is_plain(&fixture.path(name)) && is_way(&fixture.path(name)))
            .collect()
    }

    /// A command or a tool, with hand edits at the same time, to names of their own; and perhaps a
    /// kill in the middle.
    fn turn(&mut self) {
        let first = self.fixture.all();
        let edited = if self.dice.roll(4) == 0 { self.editable() } else { Vec::new() };
        let mut names = Vec::new();
        let before = if edited.is_empty() {
            let before = self.fixture.before();
            for _ in 0..1 + self.dice.roll(4) {
                // A write through a link goes to where it leads.
                names.extend(self.led());
                names.extend(self.act());
                names.extend(self.led());
            }
            self.counts.commands += 1;
            before
        } else {
            let paths: Vec<PathBuf> = edited.iter().map(|name| self.fixture.path(name)).collect();
            let before = self.fixture.store.before(TurnId(1), &paths);
            self.edit(&edited);
            self.counts.edits += 1;
            before
        };
        let mut mine = BTreeSet::new();
        if self.dice.roll(3) == 0 {
            let name = format!("mine-{}", self.dice.roll(5));
            self.fixture.write(&name, format!("by hand {}", self.dice.roll(1000)));
            mine.insert(name);
        }
        let touched = self.touched(&names);
        let changes = if self.dice.roll(6) == 0 {
            self.counts.kills += 1;
            std::mem::forget(before);
            let fixture = std::mem::replace(&mut self.fixture, Fixture::new());
            self.fixture = fixture.restart();
            let cut_off =
                self.fixture
                    .store
                    .cut_off(&self.recorded, &|_| Some(touched.clone()), &|_| Vec::new());
            cut_off.into_iter().flat_map(|cut_off| cut_off.changes.files).collect()
        } else {
            let changes = self.fixture.store.after_alone(before, Some(&touched));
            self.recorded.insert(changes.id);
            changes.files
        };
        self.turns.push(Turn { changes, first, mine, is_last: true });
    }

    /// The last turn goes back, and perhaps comes again.
    fn undo(&mut self) {
        let Some(Turn { changes, first, mine, is_last }) = self.turns.pop() else { return };
        self.turns.iter_mut().for_each(|turn| turn.is_last = false);
        let then = self.fixture.all();
        let steps = self.fixture.preview(&changes);
        let uncopied: BTreeMap<String, String> = steps.iter().filter_map(refused).collect();
        for step in &steps {
            let is_mine = mine.contains(&step.shown);
            assert!(
                !is_mine || step.state != ReviewedState::AsLeft,
                "seed {}: a hand edit is offered as if it were the turn's: {step:?} of {changes:#?}",
                self.seed
            );
        }
        let (undone, kept) = self.fixture.undo_steps(&changes, &steps, Pick::Offered);
        self.counts.undos += 1;
        let mut is_whole = true;
        let now = self.fixture.all();
        let undone_picture = now.clone();
        let are_links_described = uncopied.is_empty() && is_last;
        let [first, now] = [first, now]
            .map(|picture| if are_links_described { picture } else { without_links(picture) });
        let excused = |name: &str| {
            mine.contains(name)
                || uncopied.contains_key(name)
                // A repository is named as one thing.
                || uncopied.keys().any(|cannot| is_in_repository(name, cannot))
                || kept.iter().any(|kept| kept.starts_with(name))
        };
        let (first, now): (BTreeMap<_, _>, BTreeMap<_, _>) =
            (first.into_iter().collect(), now.into_iter().collect());
        for name in first.keys().chain(now.keys()).collect::<BTreeSet<_>>() {
            self.counts.paths += 1;
            if first.get(name) != now.get(name) {
                let described: Vec<String> = steps.iter().map(describe).collect();
                assert!(
                    excused(name),
                    "seed {}, step {}: {name:?} was {:?} and is {:?}; told {described:?}, kept {kept:?}, of {changes:#?}",
                    self.seed,
                    self.counts.steps,
                    first.get(name),
                    now.get(name)
                );
                self.counts.conflicts += 1;
                is_whole = false;
            }
        }
        if !is_whole {
            // Files that were left are in the way of the turns before.
            self.turns.clear();
        }
        for name in &mine {
            assert!(now.contains_key(name), "{name} was a person's own");
        }
        match self.dice.roll(4) {
            0 => {
                let redone = self.again(&undone, &then, "made again");
                self.again(&redone, &undone_picture, "taken back again");
                self.counts.redos += 1;
            }
            1 => {
                self.redo_over_edits(&changes, &undone);
                self.turns.clear();
            }
            _ => {}
        }
    }

    /// Edits by hand at names of what was taken back, then a redo of some of it: `/undo` brings all
    /// edits back.
    fn redo_over_edits(&mut self, changes: &[FileChange], undone: &[FileChange]) {
        let mut files = TurnFiles::default();
        files.add(changes);
        files.mark(Direction::Undo, undone);
        let mut edited = Vec::new();
        for change in undone {
            if self.dice.roll(3) == 0 && self.edit_by_hand(&change.path) {
                edited.push(self.fixture.shown(&change.path));
            }
        }
        let then = self.fixture.all();
        let over = files.over(Direction::Redo);
        let mut steps = self.fixture.preview(&over);
        if self.dice.roll(3) == 0 {
            steps.retain(|_| self.dice.roll(2) == 0);
        }
        let (redone, _) = self.fixture.undo_steps(&over, &steps, Pick::All);
        files.mark(Direction::Redo, &redone);
        let again: BTreeSet<&Path> = redone.iter().map(|change| change.path.as_path()).collect();
        let over = files.over(Direction::Undo);
        let mut back = self.fixture.preview(&over);
        back.retain(|step| again.contains(step.path.as_path()));
        let uncopied: BTreeMap<String, String> = back.iter().filter_map(refused).collect();
        let (_, kept) = self.fixture.undo_steps(&over, &back, Pick::All);
        let [then, now] = [then, self.fixture.all()].map(without_links);
        let mut differs = differing(&then, &now);
        differs.retain(|(name, _)| !uncopied.contains_key(name));
        let described: Vec<String> = back.iter().map(describe).collect();
        assert!(
            differs.is_empty(),
            "seed {}, step {}: edits by hand of {edited:?} came not back after a redo: {differs:?}; kept {kept:?}; told {described:?}, of {over:#?}",
            self.seed,
            self.counts.steps
        );
        self.counts.edited_redos += 1;
    }

    /// A person changes a file there, or makes one; answers whether they could.
    fn edit_by_hand(&mut self, path: &Path) -> bool {
        let Ok(about) = fs::symlink_metadata(path) else {
            let is_place = path
                .parent()
                .is_some_and(|above| fs::symlink_metadata(above).is_ok_and(|about| about.is_dir()));
            self.written += 1;
            return is_place && fs::write(path, format!("made by hand {}", self.written)).is_ok();
        };
        self.written += 1;
        let text = format!("by hand, after it {}", self.written);
        match self.dice.roll(3) {
            _ if !about.is_file() => false,
            0 => fs::remove_file(path).is_ok(),
            1 => fs::write(path, text).is_ok(),
            _ => {
                let parent = path.parent().unwrap();
                fs::write(parent.join(".draft"), text).is_ok()
                    && fs::rename(parent.join(".draft"), path).is_ok()
            }
        }
    }

    /// Goes back over an undo: all is as it was then, but for what was said not to be possible.
    fn again(&mut self, changes: &[FileChange], then: &Picture, what: &str) -> Vec<FileChange> {
        let steps = self.fixture.preview(changes);
        let uncopied: BTreeMap<String, String> = steps.iter().filter_map(refused).collect();
        let (done, kept) = self.fixture.undo_steps(changes, &steps, Pick::All);
        let pictures = [then.clone(), self.fixture.all()]
            .map(|picture| if uncopied.is_empty() { picture } else { without_links(picture) });
        let mut differs = differing(&pictures[0], &pictures[1]);
        differs.retain(|(name, _)| !uncopied.contains_key(name));
        let described: Vec<String> = steps.iter().map(describe).collect();
        assert!(
            differs.is_empty() && kept.is_empty(),
            "seed {}, step {}, {what}: {differs:?}; kept {kept:?}; told {described:?}, of {changes:#?}",
            self.seed,
            self.counts.steps
        );
        done
    }

    /// An edit by hand after the turns: it is asked about, and stays.
    fn conflict(&mut self) {
        let Some(changes) = self.turns.last().map(|turn| turn.changes.clone()) else { return };
        let name = "a.txt";
        if !fs::symlink_metadata(self.fixture.path(name))
            .is_ok_and(|about| about.is_file() && mode_of(&about) & 0o200 != 0)
        {
            return;
        }
        let text = format!("after it, by hand {}", self.dice.roll(1000));
        self.fixture.write(name, &text);
        let steps = self.fixture.preview(&changes);
        self.fixture.undo_steps(&changes, &steps, Pick::Offered);
        assert_eq!(self.fixture.read(name).unwrap(), text);
        self.turns.clear();
    }
}

/// Without what tells which names are one file: a name that stays as it is may have been one of
/// them.
fn without_links(picture: Picture) -> Picture {
    let without =
        |what: String| what.split_once(" with ").map(|(what, _)| what.to_owned()).unwrap_or(what);
    picture.into_iter().map(|(name, what)| (name, without(what))).collect()
}

/// The differences of two pictures.
fn differing(one: &Picture, other: &Picture) -> Vec<(String, String)> {
    let (one, other): (BTreeSet<_>, BTreeSet<_>) =
        (one.iter().cloned().collect(), other.iter().cloned().collect());
    one.symmetric_difference(&other).cloned().collect()
}

/// Whether a name lies in this git folder.
fn is_in_repository(name: &str, folder: &str) -> bool {
    let is_git = folder == ".git" || folder.ends_with("/.git");
    is_git && Path::new(name).starts_with(folder)
}

fn refused(step: &UndoStep) -> Option<(String, String)> {
    match &step.state {
        ReviewedState::Cannot(why) => Some((step.shown.clone(), why.to_string())),
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
                // By hand, between turns: what was done before may not be taken back blindly any
                // more.
                trial.act();
                trial.turns.clear();
            }
            _ => trial.conflict(),
        }
        trial.counts.steps = step + 1;
    }
    trial.counts
}

#[test]
fn whatever_happens_nothing_is_lost_without_a_yes() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<usize>().ok());
    let steps = number("CODLING_UNDO_STEPS").unwrap_or(120);
    let seed = number("CODLING_UNDO_SEED");
    let (seeds, each) = match seed {
        Some(seed) => (vec![seed], steps),
        None => ((1..=6).map(|seed| seed * 7919).collect(), steps / 6),
    };
    let report: Vec<String> = seeds
        .into_iter()
        .map(|seed| format!("seed {seed}: {:?}\n", run(seed as u64, each)))
        .collect();
    if let Some(file) = std::env::var_os("CODLING_UNDO_REPORT") {
        fs::write(file, report.concat()).unwrap();
    }
}
