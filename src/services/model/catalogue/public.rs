//! The public catalogue of models (models.dev's `api.json`): windows, prices and abilities of
//! models whose own servers do not tell them.
//!
//! For providers and models that are known without it, nothing but numbers, yes or no and efforts
//! are taken from it: it can move no key, and say no word. The others it has are offers: each is
//! shown with its address, and asked for nothing before the person has taken it into the settings.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::base::Timestamp;
use crate::base::files::{self, FileError};
use crate::model::catalogue;
use crate::model::catalogue::offers::{LONGEST_ID, ListedProvider, Text};
use crate::protocol::{Model, Prices, Provider, ProviderId, ProviderOffer};

/// The form of the file; another one is as good as none.
const FORM: u32 = 2;
/// The most models that are kept of one provider.
const MOST: usize = 5_000;
/// The most providers that are offered.
const MOST_OFFERS: usize = 1_000;
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
    /// The providers that the facts were read for.
    providers: Vec<String>,
    offers: Vec<ListedProvider>,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
struct Facts {
    context: Option<u64>,
    output: Option<u64>,
    pictures: Option<bool>,
    calls_tools: Option<bool>,
    /// The prices of input, output and cached tokens.
    prices: Option<(u64, u64, Option<u64>)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    efforts: Vec<String>,
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
            models: HashMap<Text<'a>, &'a RawValue>,
        }
        let all: BTreeMap<Text<'_>, &RawValue> = serde_json::from_str(body)?;
        let models = providers.iter().filter_map(|id| {
            let entry: Entry<'_> = serde_json::from_str(all.get(id.as_str())?.get()).ok()?;
            let facts = entry.models.into_iter().filter_map(|(model, raw)| {
                let is_id = (1..=LONGEST_ID).contains(&model.0.len());
                is_id.then_some(())?;
                Some((model.0.into_owned(), Listed::facts(serde_json::from_str(raw.get()).ok()?)))
            });
            Some((id.to_string(), facts.take(MOST).collect()))
        });
        let models = models.collect();
        let offers = all.iter().filter_map(|(id, raw)| ListedProvider::read(&id.0, raw.get()));
        Ok(Self {
            form: FORM,
            read: read.0,
            etag,
            models,
            providers: providers.iter().map(ToString::to_string).collect(),
            offers: offers.take(MOST_OFFERS).collect(),
        })
    }

    /// Whether facts of these providers were looked for.
    pub fn covers(&self, providers: &[ProviderId]) -> bool {
        providers.iter().all(|id| self.providers.iter().any(|known| known == id.as_str()))
    }

    /// The providers that can be connected, by their names.
    pub fn offers(&self) -> Vec<ProviderOffer> {
        let mut offers: Vec<ProviderOffer> =
            self.offers.iter().filter_map(ListedProvider::offer).collect();
        offers.sort_by_cached_key(|offer| offer.name.to_lowercase());
        offers
    }

    /// Whether the catalogue has a provider at this address, so that its models are the same.
    pub fn is_of(&self, own: &Provider) -> bool {
        let offers = self.offers.iter().filter(|listed| listed.id == own.id.as_str());
        let origins = offers.filter_map(|listed| Some(listed.offer()?.base.origin().to_string()));
        own.usual_variable.is_some()
            || origins.into_iter().any(|origin| origin == own.base.origin().to_string())
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
        if model.efforts.is_empty() {
            model.efforts = facts.efforts.iter().map(|word| catalogue::effort(word)).collect();
        }
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
    reasoning_options: Vec<ReasoningOption>,
}

/// How a model's reasoning can be set: `effort` with words, `toggle`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ReasoningOption {
    r#type: String,
    values: Vec<Option<String>>,
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
            efforts: efforts(&self.reasoning_options),
        }
    }
}

/// The efforts among ours that a model takes, weakest first.
fn efforts(options: &[ReasoningOption]) -> Vec<String> {
    let words = options.iter().filter(|option| option.r#type == "effort");
    let words: Vec<&str> =
        words.flat_map(|option| option.values.iter().flatten()).map(String::as_str).collect();
    let toggles = options.iter().any(|option| option.r#type == "toggle");
    let takes = |word: &&str| match *word {
        "none" => toggles || words.contains(word),
        // Where it is only turned on and off, one word stands for on.
        "high" => words.contains(word) || toggles && words.is_empty(),
        _ => words.contains(word),
    };
    let known = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
    known.into_iter().filter(takes).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn a_catalogue_of_odd_keys_and_too_many_models_is_bounded() {
        let model = |at: usize| {
            format!(
                r#""m\u0041{at}":{{"limit":{{"context":9}},"reasoning_options":[{{"type":"toggle"}},{{"type":"effort","values":["max","rm -rf",null,"low"]}}]}}"#
            )
        };
        let models: Vec<String> = (0..50_000).map(model).collect();
        let long = format!(r#""{}":{{}}"#, "x".repeat(100_000));
        let offered =
            r#""name":"B","npm":"@ai-sdk/openai-compatible","api":"https://b.example/v1""#;
        let body = format!(
            r#"{{"deepseek":{{"models":{{{},{long}}}}},"b\u0062":{{{offered},"models":{{}}}},"c":{{{offered}}}}}"#,
            models.join(",")
        );
        let read = PublicCatalogue::parse(&body, &["deepseek".into()], Timestamp(0), None).unwrap();
        assert_eq!(read.models["deepseek"].len(), MOST);
        let (id, facts) = read.models["deepseek"].iter().next().unwrap();
        assert!(id.starts_with("mA"), "{id}");
        assert_eq!(facts.efforts, ["none", "low", "max"]);
        let offers = read.offers();
        let ids: Vec<&str> = offers.iter().map(|offer| offer.id.as_str()).collect();
        assert_eq!(ids, ["bb", "c"]);
        assert!(read.covers(&["deepseek".into()]) && !read.covers(&["bb".into()]));
        let base = offers[0].base.clone();
        let own = Provider::new("bb".into(), base, "chat".into());
        assert!(read.is_of(&own));
        let elsewhere = crate::protocol::BaseUrl::parse("https://other.example").unwrap();
        assert!(!read.is_of(&Provider { base: elsewhere, ..own }));
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
