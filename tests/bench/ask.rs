//! Arguments after `cargo bench --`: which figures to measure, and how.

use std::path::PathBuf;

pub struct Ask {
    pub runs: usize,
    pub program: PathBuf,
    /// Parts of the rows' names; none means every row.
    words: Vec<String>,
}

impl Ask {
    pub fn parse(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut ask =
            Self { runs: 3, program: env!("CARGO_BIN_EXE_codling").into(), words: Vec::new() };
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            let mut value =
                || arguments.next().ok_or_else(|| format!("`{argument}` needs a value"));
            match argument.as_str() {
                // Passed by cargo.
                "--bench" => {}
                "--runs" => {
                    ask.runs = value()?
                        .parse::<usize>()
                        .map_err(|error| format!("`--runs`: {error}"))?
                        .max(1)
                }
                "--program" => ask.program = value()?.into(),
                option if option.starts_with('-') => {
                    return Err(format!(
                        "there is no option `{option}`; there are `--runs N` and `--program PATH`"
                    ));
                }
                word => ask.words.push(word.to_lowercase()),
            }
        }
        Ok(ask)
    }

    /// Whether a group of rows is wanted; `names` are its search words.
    pub fn wants(&self, names: &[&str]) -> bool {
        self.words.is_empty()
            || self.words.iter().any(|word| names.iter().any(|name| name.contains(word.as_str())))
    }
}
