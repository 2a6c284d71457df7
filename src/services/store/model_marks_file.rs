//! The models that the person marked as favorites and those used last, in a private JSON file.

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::base::files::{FileError, Lock};
use crate::protocol::{ModelMarks, ModelName, ModelRef, ProviderId};

/// The most models that are kept of each kind.
const MOST: usize = 20;
/// Bytes of a file that can be one of these.
const LARGEST: u64 = 64 << 10;

/// One file (`<state>/models.json`): `{"favorites":["acme/large"],"recent":["gpt-5.5"]}`, newest
/// first. Blocks; safe among processes.
#[derive(Clone, Debug)]
pub struct ModelMarksFile {
    path: PathBuf,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct Kept {
    favorites: Vec<String>,
    recent: Vec<String>,
}

impl ModelMarksFile {
    /// Names the file; the first write makes it and its folder.
    pub fn open(path: PathBuf) -> Self {
        Self { path }
    }

    /// The marks; none where the file is missing or damaged.
    pub fn read(&self) -> ModelMarks {
        let is_small = fs::metadata(&self.path).is_ok_and(|file| file.len() <= LARGEST);
        let bytes = is_small.then(|| fs::read(&self.path).ok()).flatten().unwrap_or_default();
        let kept: Kept = serde_json::from_slice(&bytes).unwrap_or_default();
        let models = |names: Vec<String>| {
            let all = names.iter().take(MOST);
            all.map(|name| ModelName::parse(name).of(&ProviderId::openai())).collect()
        };
        ModelMarks { favorites: models(kept.favorites), recent: models(kept.recent) }
    }

    /// Puts a model before all that were used earlier.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn used(&self, model: &ModelRef) -> Result<ModelMarks, FileError> {
        self.change(|marks| put_first(&mut marks.recent, model))
    }

    /// Makes a model a favorite, or no favorite any more.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn toggle(&self, model: &ModelRef) -> Result<ModelMarks, FileError> {
        self.change(|marks| match marks.favorites.contains(model) {
            true => marks.favorites.retain(|other| other != model),
            false => put_first(&mut marks.favorites, model),
        })
    }

    fn change(&self, change: impl FnOnce(&mut ModelMarks)) -> Result<ModelMarks, FileError> {
        let lock = Lock::take(&self.path)?;
        let before = self.read();
        let mut marks = before.clone();
        change(&mut marks);
        if marks != before {
            let names = |models: &[ModelRef]| models.iter().map(ModelRef::to_string).collect();
            let kept = Kept { favorites: names(&marks.favorites), recent: names(&marks.recent) };
            lock.replace(&serde_json::to_vec(&kept).unwrap_or_default())?;
        }
        Ok(marks)
    }
}

fn put_first(models: &mut Vec<ModelRef>, model: &ModelRef) {
    models.retain(|other| other != model);
    models.insert(0, model.clone());
    models.truncate(MOST);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_back_newest_first_and_a_damaged_file_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = ModelMarksFile::open(folder.path().join("state/models.json"));
        let (large, small) = (ModelRef::new("acme".into(), "org/large"), ModelRef::openai("small"));
        assert_eq!(file.read(), ModelMarks::default());
        for model in [&large, &small, &large] {
            file.used(model).unwrap();
        }
        file.toggle(&small).unwrap();
        let marks =
            ModelMarks { favorites: vec![small.clone()], recent: vec![large, small.clone()] };
        assert_eq!(file.read(), marks);
        assert!(file.toggle(&small).unwrap().favorites.is_empty());
        for number in 0..50 {
            file.used(&ModelRef::openai(number.to_string())).unwrap();
        }
        assert_eq!(file.read().recent.len(), MOST);
        for damaged in ["", "[", r#"{"recent":7}"#, &"x".repeat(100_000)] {
            fs::write(folder.path().join("state/models.json"), damaged).unwrap();
            assert_eq!(file.read(), ModelMarks::default(), "{damaged:.9}");
        }
    }
}
