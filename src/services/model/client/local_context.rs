//! The context that a server of this machine really gives a model: what it has loaded, rather than
//! what the model could have. Some cut a longer conversation off without a word.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::Api;
use crate::model::client::destination::Destination;
use crate::protocol::{Access, Model};

/// The context that Ollama gives where neither the model nor a loaded copy of it says otherwise.
const OLLAMA_USUAL: u64 = 4_096;
/// The most models that a server is asked about one by one.
const MOST: usize = 32;

impl Api {
    /// Bounds the contexts of a server's models by what it has loaded. A server that does not tell
    /// leaves them as they are.
    pub(super) async fn bound_contexts(
        &self,
        to: &Destination<'_>,
        access: &Access,
        models: &mut [Model],
    ) {
        match to.own.map(|own| own.id.as_str()) {
            Some("ollama") => self.bound_by_ollama(to, access, models).await,
            Some("lmstudio") => {
                let listed = self.ask_beside(to, access, "/api/v0/models", None).await;
                let loaded = contexts(&listed["data"], "id", "loaded_context_length");
                let largest = contexts(&listed["data"], "id", "max_context_length");
                for model in models {
                    let named = |all: &[(String, u64)]| named(all, model.id.as_str());
                    model.context = named(&loaded).or(named(&largest)).or(model.context);
                }
            }
            Some("llama-cpp") => {
                let props = self.ask_beside(to, access, "/props", None).await;
                let given = ["/default_generation_settings/n_ctx", "/n_ctx"];
                let given = given.iter().find_map(|place| tokens(props.pointer(place)?));
                models.iter_mut().for_each(|model| model.context = given.or(model.context));
            }
            _ => {}
        }
    }

    async fn bound_by_ollama(&self, to: &Destination<'_>, access: &Access, models: &mut [Model]) {
        let running = self.ask_beside(to, access, "/api/ps", None).await;
        let loaded = contexts(&running["models"], "name", "context_length");
        let asked = models.iter_mut().take(MOST).map(|model| async {
            let id = model.id.as_str();
            if let Some(given) = named(&loaded, id) {
                model.context = Some(given);
                return;
            }
            let shown =
                self.ask_beside(to, access, "/api/show", Some(json!({ "model": id }))).await;
            if shown.is_object() {
                let largest = largest_of_ollama(&shown).unwrap_or(u64::MAX);
                let set = set_in_ollama(&shown).unwrap_or(OLLAMA_USUAL);
                model.context = Some(set.min(largest));
            }
        });
        join_all(asked).await;
    }

    /// An answer of the same server beside its API; null where it gives none.
    async fn ask_beside(
        &self,
        to: &Destination<'_>,
        access: &Access,
        path: &str,
        body: Option<Value>,
    ) -> Value {
        let url = to.origin.at(path);
        let request = match (self.get(to, url.clone(), access), body) {
            (Ok(request), None) => request,
            (Ok(_), Some(body)) => match self.client(to) {
                Ok(client) => client
                    .post(url)
                    .header("content-type", "application/json")
                    .body(body.to_string()),
                Err(_) => return Value::Null,
            },
            (Err(_), _) => return Value::Null,
        };
        let answer = self.answer(to, request, access).await.unwrap_or_default();
        serde_json::from_str(&answer).unwrap_or_default()
    }
}

fn tokens(value: &Value) -> Option<u64> {
    value.as_u64().filter(|tokens| *tokens > 0)
}

/// The names and contexts of a list.
fn contexts(list: &Value, name: &str, field: &str) -> Vec<(String, u64)> {
    let all = list.as_array().into_iter().flatten();
    all.filter_map(|one| Some((one[name].as_str()?.to_owned(), tokens(&one[field])?))).collect()
}

fn named(all: &[(String, u64)], id: &str) -> Option<u64> {
    all.iter().find(|(name, _)| name == id).map(|(_, tokens)| *tokens)
}

/// The context that the model was trained for: `llama.context_length` and the like.
fn largest_of_ollama(shown: &Value) -> Option<u64> {
    let facts = shown["model_info"].as_object()?;
    facts.iter().find(|(name, _)| name.ends_with(".context_length")).and_then(|(_, it)| tokens(it))
}

/// The context that the model's own settings ask for: a line `num_ctx 8192`.
fn set_in_ollama(shown: &Value) -> Option<u64> {
    let lines = shown["parameters"].as_str()?.lines();
    lines
        .filter_map(|line| line.trim().strip_prefix("num_ctx"))
        .find_map(|it| it.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ollama_shows_is_read_and_nothing_else_believed() {
        let shown = json!({
            "parameters": "stop \"x\"\nnum_ctx                        16384",
            "model_info": { "general.architecture": "qwen3", "qwen3.context_length": 40960 },
        });
        assert_eq!(
            (set_in_ollama(&shown), largest_of_ollama(&shown)),
            (Some(16_384), Some(40_960))
        );
        for odd in
            [json!(null), json!({ "parameters": 7, "model_info": { "a.context_length": "x" } })]
        {
            assert_eq!((set_in_ollama(&odd), largest_of_ollama(&odd)), (None, None), "{odd}");
        }
        let list = json!([{ "name": "a", "n": 5 }, { "name": "b", "n": 0 }, { "n": 7 }, 3]);
        assert_eq!(contexts(&list, "name", "n"), [("a".to_owned(), 5)]);
    }
}
