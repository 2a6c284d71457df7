//! The public catalogue of models (models.dev's `api.json`): windows, prices and abilities of
//! models whose own servers do not tell them.
//!
//! Nothing but numbers and yes or no is taken from it, for providers and models that are known
//! without it: it can neither name an address nor say a word.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::base::Timestamp;
use crate::base::files::{self, FileError};
use crate::protocol::{Model, Prices, ProviderId};

/// The form of the file; another one is as good as none.
const FORM: u32 = 1;
/// The most models that are kept of one provider.
const MOST: usize = 5_000;
/// Dollars for a million tokens, above which a price is none.
const DEAREST: f64 = 10_000.0;
/// The most tokens that a window or an answer may have.
const LARGEST: u64 = 100_000_000;

/// The facts of all models, by provider and id; and when and in which version they were read.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct PublicCatalogue {
    form: u32,
    /// Milliseconds since 1970.
    pub read: i64,
    /// The server's name for this version.
    pub etag: Option<String>,
    models: BTreeMap<String, HashMap<String, Facts>>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
struct Facts {
    context: Option<u64>,
    output: Option<u64>,
    pictures: Option<bool>,
    calls_tools: Option<bool>,
    /// The prices of input, output and cached tokens.
    prices: Option<(u64, u64, Option<u64>)>,
}

impl PublicCatalogue {
    /// Reads the JSON of the catalogue's server, as far as it is about these providers.
    ///
    /// # Errors
    ///
    /// The body is no object of providers.
    pub fn parse(
        body: &str,
        providers: &[ProviderId],
        read: Timestamp,
        etag: Option<String>,
    ) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Entry<'a> {
            #[serde(borrow)]
            models: HashMap<&'a str, &'a RawValue>,
        }
        let all: HashMap<&str, &RawValue> = serde_json::from_str(body)?;
        let models = providers.iter().filter_map(|id| {
            let entry: Entry<'_> = serde_json::from_str(all.get(id.as_str())?.get()).ok()?;
            let facts = entry.models.into_iter().filter_map(|(model, raw)| {
                Some((model.to_owned(), Listed::facts(serde_json::from_str(raw.get()).ok()?)))
            });
            Some((id.to_string(), facts.take(MOST).collect()))
        });
        Ok(Self { form: FORM, read: read.0, etag, models: models.collect() })
    }

    /// Fills in what a model's own list does not say.
    pub fn complete(&self, model: &mut Model) {
        let of_provider = self.models.get(model.provider.as_str());
        let Some(facts) = of_provider.and_then(|models| models.get(model.id.as_str())) else {
            return;
        };
        model.context = model.context.or(facts.context);
        model.output = model.output.or(facts.output);
        model.pictures = model.pictures.or(facts.pictures);
        model.calls_tools = model.calls_tools.or(facts.calls_tools);
        let prices = facts.prices.map(|(input, output, cached)| Prices { input, output, cached });
        model.prices = model.prices.or(prices);
    }

    /// The catalogue as it was kept last; `None` where there is none that can be used.
    pub fn load(folder: &Path) -> Option<Self> {
        let kept: Self = serde_json::from_slice(&fs::read(file(folder)).ok()?).ok()?;
        (kept.form == FORM).then_some(kept)
    }

    /// The same, which the server said to be its newest at this time.
    pub fn confirmed(self, now: Timestamp) -> Self {
        Self { read: now.0, ..self }
    }

    /// Keeps it for later starts.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), FileError> {
        let path = file(folder);
        let bytes = serde_json::to_vec(self)
            .map_err(|error| FileError::Write { path: path.clone(), source: error.into() })?;
        files::replace(&path, &bytes)
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("catalogue.json")
}

/// A model as the server lists it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Listed {
    tool_call: Option<bool>,
    modalities: Modalities,
    limit: Limit,
    cost: Cost,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Modalities {
    input: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Limit {
    context: u64,
    output: u64,
}

/// Dollars for a million tokens.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Cost {
    input: f64,
    output: f64,
    cache_read: f64,
}

impl Listed {
    /// Zero means that something is not known.
    fn facts(self) -> Facts {
        let tokens = |count: u64| (1..=LARGEST).contains(&count).then_some(count);
        let price = |dollars: f64| {
            let is_price = dollars.is_finite() && (0.0..=DEAREST).contains(&dollars);
            is_price.then(|| (dollars * 1e6).round() as u64)
        };
        let prices = price(self.cost.input).zip(price(self.cost.output));
        let prices = prices.filter(|(input, output)| *input > 0 || *output > 0);
        let cached = price(self.cost.cache_read).filter(|cached| *cached > 0);
        let context = tokens(self.limit.context);
        Facts {
            context,
            // Some are listed with longer answers than windows.
            output: tokens(self.limit.output)
                .filter(|output| context.is_none_or(|it| *output <= it)),
            pictures: (!self.modalities.input.is_empty())
                .then(|| self.modalities.input.iter().any(|kind| kind == "image")),
            calls_tools: self.tool_call,
            prices: prices.map(|(input, output)| (input, output, cached)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalogue;
    use crate::protocol::ModelRef;

    const BODY: &str = r#"{"deepseek":{"id":"deepseek","env":["DEEPSEEK_API_KEY"],"api":"https://evil.example","models":{
        "flash":{"id":"flash","name":"\u202eevil","tool_call":true,"modalities":{"input":["text","image"]},"limit":{"context":1000000,"output":393216},"cost":{"input":0.15,"output":0.6,"cache_read":0.003}},
        "free":{"limit":{"context":0,"output":0},"cost":{"input":0,"output":0}},
        "odd":{"limit":{"context":10,"output":99},"cost":{"input":-1,"output":1e300}},
        "broken":{"limit":7}}},
        "other":{"models":{"flash":{"limit":{"context":5}}}},"torn":7}"#;

    fn read() -> PublicCatalogue {
        let known = ["deepseek".into(), "torn".into(), "missing".into()];
        PublicCatalogue::parse(BODY, &known, Timestamp(9), Some("v1".into())).unwrap()
    }

    fn completed(provider: &str, id: &str) -> Model {
        let mut model = catalogue::describe(&ModelRef::new(provider.into(), id));
        read().complete(&mut model);
        model
    }

    #[test]
    fn numbers_of_known_models_are_taken_and_nothing_else() {
        let flash = completed("deepseek", "flash");
        assert_eq!((flash.context, flash.output), (Some(1_000_000), Some(393_216)));
        assert_eq!((flash.pictures, flash.calls_tools), (Some(true), Some(true)));
        let prices = Prices { input: 150_000, output: 600_000, cached: Some(3_000) };
        assert_eq!((flash.prices, flash.name.as_str()), (Some(prices), "flash"));
        for (id, context) in [("free", None), ("odd", Some(10)), ("broken", None), ("none", None)] {
            let model = completed("deepseek", id);
            assert_eq!((model.context, model.output, model.prices), (context, None, None), "{id}");
        }
        assert_eq!(completed("other", "flash").context, None, "nobody asked for this provider");
        let written = serde_json::to_string(&read()).unwrap();
        assert!(!written.contains("evil"), "{written}");
    }

    #[test]
    fn the_own_list_of_a_provider_comes_first() {
        let mut model = catalogue::describe(&ModelRef::new("deepseek".into(), "flash"));
        model.context = Some(64);
        read().complete(&mut model);
        assert_eq!(model.context, Some(64));
    }

    #[test]
    fn it_comes_back_from_the_disk_and_a_file_of_another_form_is_none() {
        let folder = tempfile::tempdir().unwrap();
        assert!(PublicCatalogue::load(folder.path()).is_none());
        read().save(folder.path()).unwrap();
        let kept = PublicCatalogue::load(folder.path()).unwrap();
        assert_eq!((kept.read, kept.etag.as_deref()), (9, Some("v1")));
        fs::write(file(folder.path()), r#"{"form":7,"read":1,"models":{}}"#).unwrap();
        assert!(PublicCatalogue::load(folder.path()).is_none());
        for body in ["", "[]", "<html>", "7"] {
            assert!(PublicCatalogue::parse(body, &[], Timestamp(0), None).is_err(), "{body}");
        }
    }
}
