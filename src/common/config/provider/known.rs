//! The providers that are known without a setting: where each takes requests, how it is spoken to,
//! and the variables in which people keep its keys. A variable stands at one origin only.

use crate::base::Secret;
use crate::protocol::{
    BaseUrl, DialectId, KeyVariable, Provider, ProviderAuth, ProviderId, ProviderSource,
};

/// A row of the table.
pub struct KnownProvider {
    /// As opencode names it, so that both programs can use one auth.json.
    id: &'static str,
    name: &'static str,
    /// `${…}` stands for a variable of this table, in the place of a resource's name.
    base: &'static str,
    dialect: &'static str,
    /// The usual one first; none for a server of this machine.
    variables: &'static [&'static str],
    /// The header of its keys, where it is not the dialect's.
    key_header: Option<&'static str>,
}

/// The variable that names a resource of Azure's.
const RESOURCE: &str = "AZURE_RESOURCE_NAME";

const fn row(
    id: &'static str,
    name: &'static str,
    base: &'static str,
    variables: &'static [&'static str],
) -> KnownProvider {
    KnownProvider { id, name, base, dialect: "chat", variables, key_header: None }
}

/// The providers that are offered, in this order.
const TABLE: &[KnownProvider] = &[
    KnownProvider {
        dialect: "anthropic",
        ..row("anthropic", "Anthropic", "https://api.anthropic.com/v1", &["ANTHROPIC_API_KEY"])
    },
    row(
        "google",
        "Google Gemini",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        &["GEMINI_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY", "GOOGLE_API_KEY"],
    ),
    row("openrouter", "OpenRouter", "https://openrouter.ai/api/v1", &["OPENROUTER_API_KEY"]),
    row("xai", "xAI", "https://api.x.ai/v1", &["XAI_API_KEY"]),
    row("mistral", "Mistral", "https://api.mistral.ai/v1", &["MISTRAL_API_KEY"]),
    row("deepseek", "DeepSeek", "https://api.deepseek.com", &["DEEPSEEK_API_KEY"]),
    row("groq", "Groq", "https://api.groq.com/openai/v1", &["GROQ_API_KEY"]),
    row("togetherai", "Together AI", "https://api.together.xyz/v1", &["TOGETHER_API_KEY"]),
    row(
        "fireworks-ai",
        "Fireworks AI",
        "https://api.fireworks.ai/inference/v1",
        &["FIREWORKS_API_KEY"],
    ),
    row("cerebras", "Cerebras", "https://api.cerebras.ai/v1", &["CEREBRAS_API_KEY"]),
    KnownProvider {
        key_header: Some("api-key"),
        ..row(
            "azure",
            "Azure OpenAI",
            "https://${AZURE_RESOURCE_NAME}.openai.azure.com/openai/v1",
            &["AZURE_API_KEY"],
        )
    },
    row("zai", "Z.ai", "https://api.z.ai/api/paas/v4", &["ZHIPU_API_KEY"]),
    row("moonshotai", "Moonshot AI", "https://api.moonshot.ai/v1", &["MOONSHOT_API_KEY"]),
    row(
        "alibaba",
        "Alibaba DashScope",
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        &["DASHSCOPE_API_KEY"],
    ),
    KnownProvider {
        dialect: "anthropic",
        ..row("minimax", "MiniMax", "https://api.minimax.io/anthropic/v1", &["MINIMAX_API_KEY"])
    },
    row("huggingface", "Hugging Face", "https://router.huggingface.co/v1", &["HF_TOKEN"]),
    row("nvidia", "NVIDIA", "https://integrate.api.nvidia.com/v1", &["NVIDIA_API_KEY"]),
    row("ollama-cloud", "Ollama Cloud", "https://ollama.com/v1", &["OLLAMA_API_KEY"]),
    row("ollama", "Ollama", "http://127.0.0.1:11434/v1", &[]),
    row("lmstudio", "LM Studio", "http://127.0.0.1:1234/v1", &[]),
    row("llama-cpp", "llama.cpp", "http://127.0.0.1:8080/v1", &[]),
    row("vllm", "vLLM", "http://127.0.0.1:8000/v1", &[]),
];

/// All variables in which keys are looked for without a setting.
pub fn key_variables() -> impl Iterator<Item = &'static str> {
    TABLE.iter().flat_map(|row| row.variables).copied()
}

impl KnownProvider {
    /// The row of this id.
    pub fn named(id: &ProviderId) -> Option<&'static Self> {
        TABLE.iter().find(|row| row.id == id.as_str())
    }

    /// The name for people.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The address before the paths of requests; `None` where only the person knows it.
    pub fn base(&self) -> Option<BaseUrl> {
        self.filled(|_| None)
    }

    /// The same, with the name of a resource from its variable. `value` looks one up.
    fn filled(&self, value: impl Fn(&str) -> Option<Secret>) -> Option<BaseUrl> {
        let place = format!("${{{RESOURCE}}}");
        if !self.base.contains(&place) {
            return BaseUrl::parse(self.base).ok();
        }
        let name = value(RESOURCE)?;
        let name = name.expose();
        let is_name = (1..=63).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        is_name.then(|| BaseUrl::parse(&self.base.replace(&place, name)).ok())?
    }

    /// The header of its keys, where it is not the dialect's.
    pub fn key_header(&self) -> Option<&'static str> {
        self.key_header
    }

    /// How it is spoken to.
    pub fn dialect(&self) -> DialectId {
        DialectId::new(self.dialect)
    }

    /// The first of its variables that is set, else the usual one. `value` looks one up.
    pub fn variable(&self, value: impl Fn(&str) -> Option<Secret>) -> Option<KeyVariable> {
        let of = |name: &&'static str| KeyVariable { name: (*name).to_owned(), value: value(name) };
        let set = self.variables.iter().map(of).find(|variable| variable.value.is_some());
        set.or_else(|| self.variables.first().map(of))
    }

    fn provider(&self, value: impl Fn(&str) -> Option<Secret>) -> Option<Provider> {
        let source = match self.variables {
            [] => ProviderSource::Local,
            _ => ProviderSource::BuiltIn,
        };
        Some(Provider {
            name: self.name.to_owned(),
            auth: ProviderAuth::Key(None),
            key_header: self.key_header.map(str::to_owned),
            source,
            ..Provider::new(ProviderId::named(self.id)?, self.filled(value)?, self.dialect())
        })
    }
}

/// All providers: those of the settings by name, then the others of the table in its order, each
/// with the variables that are set.
pub fn with_known(mut own: Vec<Provider>, value: impl Fn(&str) -> Option<Secret>) -> Vec<Provider> {
    own.sort_by(|a, b| a.id.cmp(&b.id));
    let others = TABLE.iter().filter_map(|row| row.provider(&value));
    let others: Vec<Provider> =
        others.filter(|known| own.iter().all(|own| own.id != known.id)).collect();
    own.extend(others);
    for provider in &mut own {
        // A section may send the same name elsewhere, where the usual key does not belong.
        let known = KnownProvider::named(&provider.id);
        let is_there = |row: &&KnownProvider| {
            row.filled(&value).is_some_and(|base| base.origin() == provider.base.origin())
        };
        provider.usual_variable = known.filter(is_there).and_then(|row| row.variable(&value));
    }
    own
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_row_is_a_provider_and_no_variable_stands_at_two_origins() {
        let all = with_known(Vec::new(), |name| (name == RESOURCE).then(|| Secret::new("me")));
        assert_eq!(all.len(), TABLE.len());
        assert_eq!(with_known(Vec::new(), |_| None).len(), TABLE.len() - 1, "but Azure's");
        let mut names = HashSet::new();
        for row in TABLE {
            assert!(row.variables.iter().all(|name| names.insert(*name)), "{}", row.id);
            assert_eq!(KnownProvider::named(&row.id.into()).map(|row| row.id), Some(row.id));
        }
        let local: Vec<_> = all
            .iter()
            .filter(|one| one.source == ProviderSource::Local)
            .map(|one| &one.base)
            .collect();
        assert!(local.iter().all(|base| base.origin().host() == "127.0.0.1"), "{local:?}");
    }

    #[test]
    fn a_resource_is_named_by_its_own_variable_and_cannot_be_more_than_a_name() {
        for (name, expected) in [
            ("my-team", Some("https://my-team.openai.azure.com")),
            ("evil.example/", None),
            ("a@b", None),
            ("", None),
        ] {
            let value = |asked: &str| {
                let text = if asked == RESOURCE { name } else { "key" };
                (asked == RESOURCE || asked == "AZURE_API_KEY").then(|| Secret::new(text))
            };
            let all = with_known(Vec::new(), value);
            let azure = all.iter().find(|one| one.id.as_str() == "azure");
            assert_eq!(azure.map(|it| it.base.origin().to_string()).as_deref(), expected, "{name}");
            assert!(azure.is_none_or(|it| it.key_header.as_deref() == Some("api-key")));
            assert!(azure.is_none_or(|it| it.usual_key().is_some()));
        }
    }

    #[test]
    fn the_first_variable_that_is_set_counts_and_only_at_its_own_origin() {
        let value = |name: &str| (name == "GOOGLE_API_KEY").then(|| Secret::new("k"));
        let elsewhere = BaseUrl::parse("https://llm.acme.example/v1").unwrap();
        let own = Provider::new("anthropic".into(), elsewhere, "anthropic".into());
        let all = with_known(vec![own], value);
        let variable = |id: &str| {
            let provider = all.iter().find(|one| one.id.as_str() == id).unwrap();
            let variable = provider.usual_variable.as_ref();
            variable.map(|it| (it.name.as_str(), it.value.is_some()))
        };
        assert_eq!(variable("google"), Some(("GOOGLE_API_KEY", true)));
        assert_eq!(variable("xai"), Some(("XAI_API_KEY", false)));
        assert_eq!(variable("anthropic"), None);
        assert_eq!(variable("ollama"), None);
    }
}
