//! The grid of an evaluation: every task with every combination of models, efforts and tools, as
//! often as it is to be repeated.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::protocol::ToolFace;

use super::task::Task;

/// The values that combinations are made of. Each list has at least one; `None` is the choice of
/// the settings or of the account.
#[derive(Clone, Debug)]
pub struct Grid {
    /// Models that were typed; where there is none, a task's own model counts before `model`.
    pub models: Vec<String>,
    /// The settings' model.
    pub model: Option<String>,
    /// Reasoning efforts.
    pub efforts: Vec<Option<String>>,
    /// Whose tools the model is offered.
    pub faces: Vec<Option<ToolFace>>,
    /// How often each combination is tried, at least once.
    pub repeats: u32,
}

/// How the model of an attempt is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Combination {
    pub model: Option<String>,
    pub effort: Option<String>,
    /// The tools that it is offered, by the setting's words.
    pub face: Option<String>,
}

/// The name of an attempt, by which a later evaluation knows that it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AttemptKey {
    pub task: String,
    #[serde(flatten)]
    pub combination: Combination,
    /// Counts the attempts at the same task with the same combination, from 1 on.
    pub repeat: u32,
}

impl Grid {
    /// All attempts, each with the index of its task. The repeats come last, so that an evaluation
    /// that is stopped has tried everything about equally often.
    pub fn attempts(&self, tasks: &[Task]) -> Vec<(usize, AttemptKey)> {
        let mut all = Vec::new();
        for repeat in 1..=self.repeats {
            for (at, task) in tasks.iter().enumerate() {
                for combination in self.combinations(task) {
                    all.push((at, AttemptKey { task: task.name.clone(), combination, repeat }));
                }
            }
        }
        // A value that was typed twice is no second combination.
        let mut known = BTreeSet::new();
        all.retain(|(_, key)| known.insert(key.clone()));
        all
    }

    fn combinations(&self, task: &Task) -> Vec<Combination> {
        let typed: Vec<_> = self.models.iter().cloned().map(Some).collect();
        let own = vec![task.model.clone().or_else(|| self.model.clone())];
        let models = if typed.is_empty() { own } else { typed };
        let mut all = Vec::new();
        for model in models {
            for effort in &self.efforts {
                for face in &self.faces {
                    all.push(Combination {
                        model: model.clone(),
                        effort: effort.clone(),
                        face: face.map(|face| face_word(face).to_owned()),
                    });
                }
            }
        }
        all
    }
}

impl Combination {
    /// For people: `gpt-5.5 low codex`.
    pub fn name(&self) -> String {
        let model = self.model.as_deref().unwrap_or("default");
        let more = [&self.effort, &self.face].into_iter().flatten();
        more.fold(model.to_owned(), |name, part| format!("{name} {part}"))
    }

    /// The tools that are meant.
    pub fn tool_face(&self) -> Option<ToolFace> {
        let known = [ToolFace::Codex, ToolFace::Own];
        known.into_iter().find(|face| self.face.as_deref() == Some(face_word(*face)))
    }
}

/// The setting's word for the tools.
pub fn face_word(face: ToolFace) -> &'static str {
    match face {
        ToolFace::Codex => "codex",
        ToolFace::Own => "own",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(models: &[&str]) -> Grid {
        Grid {
            models: models.iter().map(|model| (*model).to_owned()).collect(),
            model: Some("settings".into()),
            efforts: vec![Some("low".into()), Some("high".into())],
            faces: vec![None],
            repeats: 2,
        }
    }

    #[test]
    fn every_task_meets_every_combination_and_repeats_come_last() {
        let tasks = [Task::named("a"), Task { model: Some("own".into()), ..Task::named("b") }];
        let named = |grid: &Grid| -> Vec<String> {
            let all = grid.attempts(&tasks);
            let name = |(at, key): &(usize, AttemptKey)| {
                assert_eq!(tasks[*at].name, key.task);
                format!("{} {} {}", key.task, key.combination.name(), key.repeat)
            };
            all.iter().map(name).collect()
        };
        let all = named(&grid(&["x", "y", "x"]));
        assert_eq!(all.len(), 2 * 2 * 2 * 2);
        assert_eq!(all[..3], ["a x low 1", "a x high 1", "a y low 1"]);
        assert_eq!(all[15], "b y high 2");
        let all = named(&grid(&[]));
        assert_eq!(all[..3], ["a settings low 1", "a settings high 1", "b own low 1"]);
    }

    #[test]
    fn tools_are_known_by_their_words() {
        for face in [ToolFace::Codex, ToolFace::Own] {
            let face_name = Some(face_word(face).to_owned());
            let combination = Combination { face: face_name, ..Combination::default() };
            assert_eq!(combination.tool_face(), Some(face));
        }
        assert_eq!(Combination::default().tool_face(), None);
    }
}
