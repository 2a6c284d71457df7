//! Large pastes and pictures folded into one character each, which is shown as a label and expands
//! to the pasted text, or to the label of the picture.

use std::borrow::Cow;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::protocol::{PastPicture, PastPrompt, Picture, SizedPicture};

/// Fold characters come from the end of the last private-use plane, where fonts have no glyphs.
const FIRST: u32 = 0x10_f000;
const LAST: u32 = 0x10_fffd;

/// Pastes with more lines or bytes are folded.
const LINES: usize = 8;
const BYTES: usize = 1000;

/// All folded pieces; they stay until the field is emptied, so that undo can restore them.
#[derive(Default)]
pub(super) struct Folds {
    folds: Vec<Fold>,
    /// The last number that a picture was given; never given again.
    last: u64,
    /// Pictures that have to be read.
    pub unread: Vec<(ChipId, ChipSource)>,
}

struct Fold {
    label: String,
    content: Content,
}

enum Content {
    Pasted(String),
    Picture(Chip),
}

struct Chip {
    id: ChipId,
    source: ChipSource,
    picture: Option<Picture>,
}

/// Names a picture in a composer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChipId(u64);

/// A picture before it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChipSource {
    /// The name for its label.
    pub name: String,
    pub origin: ChipOrigin,
    /// The text that takes its place if it cannot be read.
    pub instead: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChipOrigin {
    Clipboard,
    File(PathBuf),
    /// It came from the clipboard of an earlier start.
    Gone,
}

impl Folds {
    /// The text to insert for a paste: itself, or its fold character.
    pub fn fold<'t>(&mut self, text: Cow<'t, str>) -> Cow<'t, str> {
        let lines = text.lines().count();
        if lines <= LINES && text.len() <= BYTES {
            return text;
        }
        let is_known =
            |fold: &Fold| matches!(&fold.content, Content::Pasted(known) if *known == text);
        if let Some(known) = self.folds.iter().position(is_known) {
            return stand_in(known).map_or(text, |c| Cow::Owned(c.into()));
        }
        let label = match lines {
            0 | 1 => format!("[Pasted {} characters]", text.chars().count()),
            _ => format!("[Pasted {lines} lines]"),
        };
        let Some(c) = stand_in(self.folds.len()) else { return text };
        self.folds.push(Fold { label, content: Content::Pasted(text.into_owned()) });
        Cow::Owned(c.into())
    }

    /// The fold character of a picture that will be read; `None` where there are too many folds.
    pub fn chip(&mut self, source: ChipSource) -> Option<(char, ChipId)> {
        let c = stand_in(self.folds.len())?;
        self.last += 1;
        let id = ChipId(self.last);
        let label = SizedPicture::label_unread(&source.name);
        let content = Content::Picture(Chip { id, source, picture: None });
        self.folds.push(Fold { label, content });
        Some((c, id))
    }

    /// Takes a picture that was read; `false` where its chip is gone.
    pub fn fill(&mut self, id: ChipId, read: SizedPicture) -> bool {
        let Some((label, chip)) = self.chips().find(|(_, chip)| chip.id == id) else {
            return false;
        };
        *label = read.label(&chip.source.name);
        chip.picture = Some(read.picture);
        true
    }

    /// Turns the chip of a picture that cannot be read into text; returns its character and the
    /// text.
    pub fn refuse(&mut self, id: ChipId) -> Option<(char, String)> {
        let at = self
            .folds
            .iter()
            .position(|fold| matches!(&fold.content, Content::Picture(chip) if chip.id == id))?;
        let Content::Picture(chip) = &self.folds[at].content else { return None };
        let instead = chip.source.instead.clone();
        self.folds[at] = Fold { label: instead.clone(), content: Content::Pasted(instead.clone()) };
        Some((stand_in(at)?, instead))
    }

    /// The pictures that stand in a text, in their order; `None` for each that is not read yet.
    pub fn pictures(&self, shown: &str) -> impl Iterator<Item = Option<&Picture>> {
        shown.chars().filter_map(|c| match &self.get(c)?.content {
            Content::Picture(chip) => Some(chip.picture.as_ref()),
            Content::Pasted(_) => None,
        })
    }

    /// The label of a grapheme that is a fold.
    pub fn label(&self, grapheme: &str) -> Option<&str> {
        self.get(grapheme.chars().next()?).map(|fold| fold.label.as_str())
    }

    pub fn expand(&self, shown: &str) -> String {
        let mut text = String::with_capacity(shown.len());
        for c in shown.chars() {
            match self.get(c) {
                Some(fold) => text.push_str(fold.text()),
                None => text.push(c),
            }
        }
        text
    }

    /// Like [`Folds::expand`], with the ranges of the pastes and the pictures.
    pub fn expand_marked(&self, shown: &str) -> PastPrompt {
        let mut prompt = PastPrompt::default();
        for c in shown.chars() {
            let start = prompt.text.len();
            let Some(fold) = self.get(c) else {
                prompt.text.push(c);
                continue;
            };
            prompt.text.push_str(fold.text());
            let part = start..prompt.text.len();
            match &fold.content {
                Content::Pasted(_) => prompt.folded.push(part),
                Content::Picture(Chip { source, picture, .. }) => {
                    let path = match &source.origin {
                        ChipOrigin::File(path) => Some(path.clone()),
                        ChipOrigin::Clipboard | ChipOrigin::Gone => None,
                    };
                    let picture = picture.clone();
                    prompt.pictures.push(PastPicture { label: part, path, picture });
                }
            }
        }
        prompt
    }

    /// Reverses [`Folds::expand_marked`]; invalid ranges stay unfolded. Pictures that are not here
    /// have to be read again.
    pub fn fold_marked(&mut self, prompt: &PastPrompt) -> String {
        let pasted = prompt.folded.iter().map(|part| (part, None));
        let pictures = prompt.pictures.iter().map(|it| (&it.label, Some(it)));
        let mut parts: Vec<(&Range<usize>, Option<&PastPicture>)> =
            pasted.chain(pictures).collect();
        parts.sort_by_key(|(part, _)| part.start);
        let (mut shown, mut from) = (String::new(), 0);
        for (part, picture) in parts {
            let (Some(before), Some(text)) =
                (prompt.text.get(from..part.start), prompt.text.get(part.clone()))
            else {
                continue;
            };
            shown.push_str(before);
            match picture {
                None => shown.push_str(&self.fold(Cow::Borrowed(text))),
                Some(past) => shown.push_str(&self.chip_again(text, past)),
            }
            from = part.end;
        }
        shown.push_str(&prompt.text[from..]);
        shown
    }

    /// The chip of a past picture, with the picture if it is still here.
    fn chip_again(&mut self, label: &str, past: &PastPicture) -> String {
        let source = match &past.path {
            Some(path) => ChipSource::file(path, path.to_string_lossy().into_owned()),
            None => {
                let (name, instead) = ("clipboard".into(), String::new());
                ChipSource { name, origin: ChipOrigin::Gone, instead }
            }
        };
        let Some((c, id)) = self.chip(source.clone()) else { return label.to_owned() };
        match &past.picture {
            Some(picture) => {
                if let Some((shown, chip)) = self.chips().find(|(_, chip)| chip.id == id) {
                    label.clone_into(shown);
                    chip.picture = Some(picture.clone());
                }
            }
            None => self.unread.push((id, source)),
        }
        c.into()
    }

    /// Folds the labels of known pictures in a text that was expanded and edited elsewhere.
    pub fn refold_pictures(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (at, fold) in self.folds.iter().enumerate() {
            if let (Content::Picture(_), Some(c)) = (&fold.content, stand_in(at)) {
                text = text.replacen(&fold.label, c.encode_utf8(&mut [0; 4]), 1);
            }
        }
        text
    }

    /// Forgets all folds.
    pub fn clear(&mut self) {
        self.folds.clear();
    }

    fn chips(&mut self) -> impl Iterator<Item = (&mut String, &mut Chip)> {
        self.folds.iter_mut().filter_map(|fold| match &mut fold.content {
            Content::Picture(chip) => Some((&mut fold.label, chip)),
            Content::Pasted(_) => None,
        })
    }

    fn get(&self, c: char) -> Option<&Fold> {
        let at = u32::from(c).checked_sub(FIRST)?;
        self.folds.get(usize::try_from(at).ok()?)
    }
}

impl ChipSource {
    pub fn file(path: &Path, instead: String) -> Self {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Self { name, origin: ChipOrigin::File(path.to_owned()), instead }
    }
}

impl Fold {
    fn text(&self) -> &str {
        match &self.content {
            Content::Pasted(text) => text,
            Content::Picture(_) => &self.label,
        }
    }
}

/// The fold character at an index.
fn stand_in(at: usize) -> Option<char> {
    u32::try_from(at).ok().map(|at| FIRST + at).filter(|c| *c <= LAST).and_then(char::from_u32)
}

/// Removes characters that could be taken for a fold.
pub(super) fn without_stand_ins(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_stand_in = |c: char| (FIRST..=LAST).contains(&u32::from(c));
    if text.contains(is_stand_in) { Cow::Owned(text.replace(is_stand_in, "�")) } else { text }
}
