//! Asks the model, the list of models and the usage endpoint. Takes what it needs to prove with
//! every call; keeps no credential and decides no retry.

pub mod destination;
pub mod http_headers;
mod lists;
mod local_context;
mod public_catalogue;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use jiff::tz::TimeZone;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{RequestBuilder, Response};
use tokio::time::{timeout, timeout_at};

use super::dialect::{AnswerDecoder, BodyTerms, Concession, DecoderEnd, Exchange};
use super::error::{ModelError, StreamTail};
use super::{catalogue, header_names, limits};
use crate::base::{Clock, system_zone};
use crate::model::error::local_time::LocalTime;
use crate::model::error::mapping::ErrorCase;
use crate::model::error::refusal::ServerRefusal;
use crate::model::parallel_calls;
use crate::model::stream::answer;
use crate::model::stream::answer::AnswerStart;
use crate::model::stream::progress::IdleWatch;
use crate::net::{Net, NetFailure};
use crate::protocol::{
    Access, AccessKind, ItemKind, Model, ModelDelta, ModelRef, ModelRequest, ModelRequestEnd,
    Origins, Provider, RequestPurpose,
};
use destination::Destination;
use public_catalogue::CatalogueState;

/// The most that is read of an answer which is no stream.
const LARGEST_ANSWER: usize = 8 * 1024 * 1024;
/// How long a list or the usage may take from first to last.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long more is waited for after the server said that the answer is over, or failed.
const CLOSING_GRACE: Duration = Duration::from_secs(2);

/// The way to the model. Clones share connections.
#[derive(Clone)]
pub struct Api {
    net: Net,
    origins: Origins,
    /// All providers but OpenAI.
    providers: Arc<RwLock<Arc<[Provider]>>>,
    options: Arc<ApiOptions>,
    clock: Clock,
    zone: Option<TimeZone>,
    /// The public catalogue, once it was read.
    public: Arc<tokio::sync::Mutex<CatalogueState>>,
    /// The models of other providers' lists, as they were last read.
    listed: Arc<RwLock<HashMap<ModelRef, Model>>>,
    /// The parts of requests that were refused once, by model.
    concessions: Arc<Mutex<HashMap<ModelRef, Vec<Concession>>>>,
}

/// Settings that all clones of an [`Api`] share.
#[derive(Clone, Debug)]
pub struct ApiOptions {
    /// `codling/<version> (<os>; <arch>)`
    pub user_agent: String,
    /// Silence after which a request or its stream counts as broken. There is no limit on the
    /// whole.
    pub idle_limit: Duration,
    /// The folder for lists of models; made when first needed.
    pub cache: PathBuf,
    /// A file that is read in the place of the public catalogue's server.
    pub catalogue_file: Option<PathBuf>,
}

impl Api {
    /// Knows OpenAI alone until it is told of other providers.
    pub fn new(net: Net, origins: Origins, options: ApiOptions) -> Self {
        Self {
            net,
            origins,
            providers: Arc::new(RwLock::new(Arc::new([]))),
            options: Arc::new(options),
            clock: Clock::system(),
            zone: None,
            public: Arc::default(),
            listed: Arc::default(),
            concessions: Arc::default(),
        }
    }

    /// Tells the time by another clock and in another zone than the system's.
    #[cfg(test)]
    pub fn with_time(self, clock: Clock, zone: TimeZone) -> Self {
        Self { clock, zone: Some(zone), ..self }
    }

    /// Knows these providers besides the built-in one.
    pub fn with_providers(self, providers: Arc<[Provider]>) -> Self {
        self.set_providers(providers);
        self
    }

    /// Knows these providers from now on, in all clones.
    pub fn set_providers(&self, providers: Arc<[Provider]>) {
        *self.providers.write().unwrap_or_else(PoisonError::into_inner) = providers;
    }

    fn providers(&self) -> Arc<[Provider]> {
        Arc::clone(&self.providers.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// One step of a conversation: sends the prompt and tells what streams back, until the response
    /// is complete. Limits and turn state, which come in headers, are told first; limits even when
    /// the answer is an error.
    ///
    /// Items told before an error are whole and stay good. Dropping the future ends the request.
    ///
    /// # Errors
    ///
    /// The request could not be sent, the server refused it, or the stream ended too early.
    pub async fn request(
        &self,
        prompt: &ModelRequest,
        access: &Access,
        mut emit: impl FnMut(ModelDelta) + Send,
    ) -> Result<ModelRequestEnd, ModelError> {
        let providers = self.providers();
        let to = self.destination(&providers, &access.kind)?;
        // Plans and the state of a turn are OpenAI's.
        let mut emit = |delta| {
            if to.own.is_none()
                || !matches!(delta, ModelDelta::Limits(_) | ModelDelta::TurnState(_))
            {
                parallel_calls::split(delta, &mut emit);
            }
        };
        let model = self.describe(&prompt.model);
        // Servers refuse a request with tools for a model that calls none.
        let without_tools = (model.calls_tools == Some(false) && !prompt.tools.is_empty())
            .then(|| ModelRequest { tools: [].into(), ..prompt.clone() });
        let prompt = without_tools.as_ref().unwrap_or(prompt);
        let mut is_again = false;
        loop {
            let conceded = self.conceded(&prompt.model);
            let terms = BodyTerms { kind: &access.kind, model: &model, conceded: &conceded };
            let name = uuid::Uuid::now_v7().simple().to_string();
            let Exchange { body, decoder } = to
                .dialect
                .exchange(&name, prompt, terms)
                .map_err(|source| ModelError::Unsendable { source })?;
            let response = self.send(self.post(&to, prompt, access, body)?, &to).await?;
            let headers = response.headers();
            limits::from_headers(headers)
                .into_iter()
                .for_each(|limits| emit(ModelDelta::Limits(limits)));
            if response.status().is_success() {
                let state =
                    headers.get(header_names::TURN_STATE).and_then(|state| state.to_str().ok());
                state.into_iter().for_each(|state| emit(ModelDelta::TurnState(state.to_owned())));
                let mut end = self.follow(&to, response, decoder, (prompt, access), emit).await?;
                if let (Some(usage), Some(prices)) = (&mut end.usage, model.prices) {
                    usage.cost = Some(prices.cost(usage));
                }
                return Ok(end);
            }
            let refusal = self.refusal(response, access).await;
            let concession = to.dialect.concession(&refusal).filter(|part| terms.allow(*part));
            if let Some(part) = concession {
                self.concede(&prompt.model, part);
                continue;
            }
            // The model wrote a call that its server could not read, and may do better.
            if refusal.is("tool_use_failed") && !is_again {
                is_again = true;
                continue;
            }
            return Err(self.model_error(&to, refusal, access, Some(prompt)));
        }
    }

    fn destination<'a>(
        &'a self,
        providers: &'a [Provider],
        kind: &AccessKind,
    ) -> Result<Destination<'a>, ModelError> {
        Destination::of(&self.origins, providers, kind)
    }

    /// The facts of a model: as its list has them, else as its name tells.
    fn describe(&self, model: &ModelRef) -> Model {
        let listed = self.listed.read().unwrap_or_else(PoisonError::into_inner);
        listed.get(model).cloned().unwrap_or_else(|| catalogue::describe(model))
    }

    /// Keeps a list of another provider's.
    fn learn(&self, models: &[Model]) {
        let others = models.iter().filter(|model| !model.provider.is_openai());
        let mut listed = self.listed.write().unwrap_or_else(PoisonError::into_inner);
        listed.extend(others.map(|model| (model.reference(), model.clone())));
    }

    /// The parts that requests to this model go without.
    fn conceded(&self, model: &ModelRef) -> Vec<Concession> {
        // A panic elsewhere leaves the map whole.
        let conceded = self.concessions.lock().unwrap_or_else(PoisonError::into_inner);
        conceded.get(model).cloned().unwrap_or_default()
    }

    fn concede(&self, model: &ModelRef, part: Concession) {
        tracing::info!(%model, ?part, "a part of requests was refused, and is left out from here on");
        let mut conceded = self.concessions.lock().unwrap_or_else(PoisonError::into_inner);
        conceded.entry(model.clone()).or_default().push(part);
    }

    fn post(
        &self,
        to: &Destination<'_>,
        prompt: &ModelRequest,
        access: &Access,
        body: String,
    ) -> Result<RequestBuilder, ModelError> {
        let mut headers = http_headers::identity(access, to, &self.options.user_agent)?;
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let AccessKind::ChatGpt { .. } = access.kind {
            http_headers::put(&mut headers, header_names::SESSION_ID, prompt.session.as_str());
            if holds_compaction(prompt) {
                let feature = HeaderValue::from_static(header_names::SERVER_COMPACTION);
                headers.insert(header_names::BETA_FEATURES, feature);
            }
            if let Some(state) = &prompt.turn_state {
                http_headers::put(&mut headers, header_names::TURN_STATE, state);
            }
        }
        tracing::debug!(dialect = to.dialect.name(), model = %prompt.model, items = prompt.items.len(), bytes = body.len(), "asking the model");
        Ok(self.client(to)?.post(to.requests()).headers(headers).body(body))
    }

    fn get(
        &self,
        to: &Destination<'_>,
        url: url::Url,
        access: &Access,
    ) -> Result<RequestBuilder, ModelError> {
        let headers = http_headers::identity(access, to, &self.options.user_agent)?;
        Ok(self.client(to)?.get(url).headers(headers))
    }

    fn client(&self, to: &Destination<'_>) -> Result<reqwest::Client, ModelError> {
        self.net.client(to.origin).map_err(|source| ModelError::Setup { source })
    }

    /// Waits for the head of the answer, no longer than silence may last.
    async fn send(
        &self,
        request: RequestBuilder,
        to: &Destination<'_>,
    ) -> Result<Response, ModelError> {
        match timeout(self.options.idle_limit, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) if error.is_redirect() => {
                Err(ModelError::Redirected { host: to.host().to_owned() })
            }
            Ok(Err(error)) => Err(ModelError::Network {
                host: to.host().to_owned(),
                failure: NetFailure::of(&error),
            }),
            Err(_elapsed) => Err(ModelError::Idle { limit: self.options.idle_limit }),
        }
    }

    /// Reads a response's stream to its end.
    async fn follow(
        &self,
        to: &Destination<'_>,
        response: Response,
        mut decoder: Box<dyn AnswerDecoder>,
        (prompt, access): (&ModelRequest, &Access),
        mut emit: impl FnMut(ModelDelta) + Send,
    ) -> Result<ModelRequestEnd, ModelError> {
        let (status, headers) = (response.status(), response.headers().clone());
        let idle = self.options.idle_limit;
        let opening =
            timeout(idle, answer::open(response)).await.unwrap_or(Err(answer::AnswerCut::Idle));
        let mut events = match opening.map_err(|cut| self.broken(cut))? {
            AnswerStart::Stream(events) => events,
            AnswerStart::Other(body) => {
                let now = self.clock.now();
                if let Ok(text) = std::str::from_utf8(&body)
                    && let Some(end) = decoder.whole(text, now, &mut emit)
                {
                    return self.end(to, end, prompt, access);
                }
                let refusal =
                    ServerRefusal::of_answer(status, &headers, &body, now).without(&access.token);
                return Err(self.model_error(to, refusal, access, Some(prompt)));
            }
        };
        let mut progress = IdleWatch::new(idle);
        let cut = loop {
            let next = if decoder.is_closing() {
                timeout_at(progress.end_within(CLOSING_GRACE), answer::next(&mut events))
                    .await
                    .unwrap_or(Ok(None))
            } else {
                timeout_at(progress.deadline, answer::next(&mut events))
                    .await
                    .unwrap_or(Err(answer::AnswerCut::Idle))
            };
            let end = match next {
                Ok(Some(data)) => decoder.take(&data, self.clock.now(), &mut emit),
                Ok(None) => match decoder.ended(&mut emit) {
                    Some(end) => Some(end),
                    None => break ModelError::BrokenStream {},
                },
                Err(cut) => break self.broken(cut),
            };
            match end {
                None => match progress.note(decoder.size()).await {
                    Ok(()) => {}
                    Err(cut) => break self.broken(cut),
                },
                Some(end) => {
                    if matches!(end, DecoderEnd::Completed(_)) {
                        answer::release(events);
                    }
                    return self.end(to, end, prompt, access);
                }
            }
        };
        Err(match decoder.failure() {
            Some(refusal) => {
                self.model_error(to, refusal.without(&access.token), access, Some(prompt))
            }
            None => cut,
        })
    }

    /// Judges the end of an answer.
    fn end(
        &self,
        to: &Destination<'_>,
        end: DecoderEnd,
        prompt: &ModelRequest,
        access: &Access,
    ) -> Result<ModelRequestEnd, ModelError> {
        let refusal = match end {
            DecoderEnd::Completed(end) => return Ok(end),
            DecoderEnd::Excessive(excess) => return Err(ModelError::Excessive { excess }),
            DecoderEnd::Incomplete(reason) => {
                ServerRefusal { code: reason, ..ServerRefusal::default() }
            }
            DecoderEnd::Refused(refusal) => refusal.without(&access.token),
        };
        Err(self.model_error(to, refusal, access, Some(prompt)))
    }

    /// The body of a small answer, which has to be a good one.
    async fn answer(
        &self,
        to: &Destination<'_>,
        request: RequestBuilder,
        access: &Access,
    ) -> Result<String, ModelError> {
        let whole = async {
            let response = self.send(request, to).await?;
            if !response.status().is_success() {
                let refusal = self.refusal(response, access).await;
                return Err(self.model_error(to, refusal, access, None));
            }
            let body =
                answer::read(response, LARGEST_ANSWER).await.map_err(|cut| self.broken(cut))?;
            String::from_utf8(body).map_err(|_not_text| garbled(to))
        };
        let elapsed = |_elapsed| ModelError::Idle { limit: PATIENCE };
        timeout(PATIENCE, whole).await.map_err(elapsed)?
    }

    async fn refusal(&self, response: Response, access: &Access) -> ServerRefusal {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = answer::read_some(response).await;
        tracing::debug!(%status, bytes = body.len(), "the server said no");
        ServerRefusal::of_answer(status, &headers, &body, self.clock.now()).without(&access.token)
    }

    fn model_error(
        &self,
        to: &Destination<'_>,
        refusal: ServerRefusal,
        access: &Access,
        asked: Option<&ModelRequest>,
    ) -> ModelError {
        let moment = LocalTime {
            now: self.clock.now(),
            zone: self.zone.clone().unwrap_or_else(system_zone),
        };
        let model = asked.map(|prompt| &prompt.model);
        let case = ErrorCase { host: to.host(), kind: &access.kind, own: to.own, model, moment };
        let error = case.model_error(&refusal);
        let refused = asked
            .filter(|_| {
                matches!(error, ModelError::Invalid { .. } | ModelError::ProviderRefused { .. })
            })
            .and_then(|prompt| to.dialect.refused_item(prompt, &access.kind, &refusal));
        match (refused, error) {
            (
                Some(item),
                ModelError::Invalid { message, tail, .. }
                | ModelError::ProviderRefused { message, tail, .. },
            ) => ModelError::RefusedItem { item, message, tail },
            (_, error) => error,
        }
    }

    fn broken(&self, cut: answer::AnswerCut) -> ModelError {
        match cut {
            answer::AnswerCut::Idle => ModelError::Idle { limit: self.options.idle_limit },
            answer::AnswerCut::Oversized { limit } => ModelError::Oversized { limit },
            answer::AnswerCut::Transport { source } => {
                tracing::debug!(failure = ?NetFailure::of(&source), "the stream broke");
                ModelError::BrokenStream {}
            }
        }
    }
}

/// Whether a request asks the server to sum a conversation up, or brings back what came of that.
fn holds_compaction(prompt: &ModelRequest) -> bool {
    prompt.purpose == RequestPurpose::Compaction
        || prompt.items.iter().any(|item| item.kind == ItemKind::Compaction)
}

fn garbled(to: &Destination<'_>) -> ModelError {
    ModelError::Garbled { host: to.host().to_owned(), tail: StreamTail::default() }
}

#[cfg(test)]
mod tests;
