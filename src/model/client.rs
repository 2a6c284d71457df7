//! Asks the model, the list of models and the usage endpoint. Takes what it needs to prove with every call; keeps no credential and decides no retry.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::tz::TimeZone;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use reqwest::{RequestBuilder, Response, StatusCode};
use tokio::time::{timeout, timeout_at};

use crate::base::Clock;
use crate::net::{Net, NetTrouble};
use crate::protocol::{
    Access, AccessKind, Limits, Model, ModelDelta, ModelRef, ModelRequest, ModelRequestEnd,
    ModelSource, Origins,
};

use super::answer::{self, AnswerStart};
use super::dialect::{BodyTerms, DecoderEnd, Dialect, ReasoningSummary};
use super::error::{ModelError, StreamTail};
use super::error_mapping::ErrorCase;
use super::local_time::LocalTime;
use super::progress::IdleWatch;
use super::refusal::ServerRefusal;
use super::{cache, catalogue, dialect, http_headers, limits, listing};

/// The most that is read of an answer which is no stream.
const LARGEST_ANSWER: usize = 8 * 1024 * 1024;
/// How long a list or the usage may take from first to last.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a completion is waited for after the server said that the response failed.
const FAILED_GRACE: Duration = Duration::from_secs(2);

/// The way to the model. Clones share connections.
#[derive(Clone)]
pub struct Api {
    net: Net,
    dialect: &'static dyn Dialect,
    origins: Origins,
    options: Arc<ApiOptions>,
    clock: Clock,
    zone: Option<TimeZone>,
    /// The API refused to sum up its reasoning for this account once, and is not asked again.
    without_summary: Arc<AtomicBool>,
}

#[derive(Clone, Debug)]
pub struct ApiOptions {
    /// `codling/<version> (<os>; <arch>)`
    pub user_agent: String,
    /// Silence after which a request or its stream counts as broken. There is no limit on the whole.
    pub idle_limit: Duration,
    /// The folder for lists of models; made when first needed.
    pub cache: PathBuf,
}

impl Api {
    pub fn new(net: Net, origins: Origins, options: ApiOptions) -> Self {
        Self {
            net,
            dialect: dialect::built_in(),
            origins,
            options: Arc::new(options),
            clock: Clock::system(),
            zone: None,
            without_summary: Arc::default(),
        }
    }

    /// Tells the time by another clock and in another zone than the system's.
    #[cfg(test)]
    pub fn with_time(self, clock: Clock, zone: TimeZone) -> Self {
        Self { clock, zone: Some(zone), ..self }
    }

    /// Speaks another dialect.
    #[cfg(test)]
    pub fn speaking(self, dialect: &'static dyn Dialect) -> Self {
        Self { dialect, ..self }
    }

    /// One step of a conversation: sends the prompt and tells what streams back, until the response is complete. Limits and turn state, which
    /// come in headers, are told first; limits even when the answer is an error.
    ///
    /// Items told before an error are whole and stay good. Dropping the future ends the request.
    pub async fn request(
        &self,
        prompt: &ModelRequest,
        access: &Access,
        mut tell: impl FnMut(ModelDelta) + Send,
    ) -> Result<ModelRequestEnd, ModelError> {
        loop {
            let summary = if self.without_summary.load(Ordering::Relaxed) {
                ReasoningSummary::Without
            } else {
                ReasoningSummary::Auto
            };
            let response = self.send(self.post(prompt, access, summary)?, access).await?;
            let headers = response.headers();
            limits::from_headers(headers)
                .into_iter()
                .for_each(|limits| tell(ModelDelta::Limits(limits)));
            if response.status().is_success() {
                let state =
                    headers.get(http_headers::TURN_STATE).and_then(|state| state.to_str().ok());
                state.into_iter().for_each(|state| tell(ModelDelta::TurnState(state.to_owned())));
                return self.follow(response, prompt, access, tell).await;
            }
            let refusal = self.refusal(response, access).await;
            if summary == ReasoningSummary::Auto && refuses_summary(&refusal) {
                self.without_summary.store(true, Ordering::Relaxed);
                continue;
            }
            return Err(self.judge(refusal, access, Some(&prompt.model)));
        }
    }

    /// The models to offer before the server was asked: those it told of last, else the built-in ones. Reads one small file.
    pub fn known_models(&self, kind: &AccessKind) -> (Vec<Model>, ModelSource) {
        match cache::read(&self.options.cache, self.owner(kind)) {
            Some(models) => (models, ModelSource::Cache),
            None => (catalogue::built_in(kind), ModelSource::BuiltIn),
        }
    }

    /// The models the server offers this account, best first. Kept for [`Api::known_models`].
    pub async fn fetch_models(&self, access: &Access) -> Result<Vec<Model>, ModelError> {
        let request = self.get(http_headers::models(&self.origins, &access.kind), access)?;
        let body = self.answer(request, access).await?;
        let models = match access.kind {
            AccessKind::ApiKey => listing::from_api(&body),
            AccessKind::ChatGpt { .. } => listing::from_chatgpt(&body),
        };
        let models =
            models.ok().filter(|models| !models.is_empty()).ok_or_else(|| self.garbled(access))?;
        self.keep(&access.kind, models.clone()).await;
        Ok(models)
    }

    /// How much of the plan is used; an API key has no plan, and so no limits to tell.
    pub async fn limits(&self, access: &Access) -> Result<Limits, ModelError> {
        let Some(url) = http_headers::usage(&self.origins, &access.kind) else {
            return Ok(Limits::default());
        };
        let body = self.answer(self.get(url, access)?, access).await?;
        limits::from_usage(&body, self.clock.now()).map_err(|_not_json| self.garbled(access))
    }

    fn post(
        &self,
        prompt: &ModelRequest,
        access: &Access,
        summary: ReasoningSummary,
    ) -> Result<RequestBuilder, ModelError> {
        let mut headers = http_headers::identity(access, &self.options.user_agent)?;
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let AccessKind::ChatGpt { .. } = access.kind {
            http_headers::put(&mut headers, http_headers::SESSION_ID, prompt.session.as_str());
            if let Some(state) = &prompt.turn_state {
                http_headers::put(&mut headers, http_headers::TURN_STATE, state);
            }
        }
        let terms = BodyTerms { kind: &access.kind, summary };
        let body =
            self.dialect.body(prompt, terms).map_err(|source| ModelError::Unsendable { source })?;
        tracing::debug!(dialect = self.dialect.name(), model = %prompt.model, items = prompt.items.len(), bytes = body.len(), "asking the model");
        let client = self.client(&access.kind)?;
        Ok(client
            .post(http_headers::requests(&self.origins, &access.kind, self.dialect.path()))
            .headers(headers)
            .body(body))
    }

    fn get(&self, url: url::Url, access: &Access) -> Result<RequestBuilder, ModelError> {
        let headers = http_headers::identity(access, &self.options.user_agent)?;
        Ok(self.client(&access.kind)?.get(url).headers(headers))
    }

    fn client(&self, kind: &AccessKind) -> Result<reqwest::Client, ModelError> {
        self.net
            .client(http_headers::origin(&self.origins, kind))
            .map_err(|source| ModelError::Setup { source })
    }

    /// Waits for the head of the answer, no longer than silence may last.
    async fn send(&self, request: RequestBuilder, access: &Access) -> Result<Response, ModelError> {
        match timeout(self.options.idle_limit, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) if error.is_redirect() => {
                Err(ModelError::Redirected { host: self.host(&access.kind) })
            }
            Ok(Err(error)) => Err(ModelError::Network {
                host: self.host(&access.kind),
                trouble: NetTrouble::of(&error),
            }),
            Err(_elapsed) => Err(ModelError::Idle { limit: self.options.idle_limit }),
        }
    }

    /// Reads a response's stream to its end.
    async fn follow(
        &self,
        response: Response,
        prompt: &ModelRequest,
        access: &Access,
        mut tell: impl FnMut(ModelDelta) + Send,
    ) -> Result<ModelRequestEnd, ModelError> {
        let (status, headers) = (response.status(), response.headers().clone());
        let idle = self.options.idle_limit;
        let opening =
            timeout(idle, answer::open(response)).await.unwrap_or(Err(answer::AnswerCut::Idle));
        let mut events = match opening.map_err(|cut| self.broken(cut))? {
            AnswerStart::Stream(events) => events,
            AnswerStart::Other(body) => {
                let refusal = ServerRefusal::of_answer(status, &headers, &body, self.clock.now())
                    .without(&access.token);
                return Err(self.judge(refusal, access, Some(&prompt.model)));
            }
        };
        let mut decoder = self
            .dialect
            .decoder(&uuid::Uuid::now_v7().simple().to_string(), &prompt.model.provider);
        let mut progress = IdleWatch::new(idle);
        loop {
            let next = if decoder.has_failed() {
                timeout_at(progress.end_within(FAILED_GRACE), answer::next(&mut events))
                    .await
                    .unwrap_or(Ok(None))
            } else {
                timeout_at(progress.deadline, answer::next(&mut events))
                    .await
                    .unwrap_or(Err(answer::AnswerCut::Idle))
            };
            let cut = match next {
                Ok(Some(data)) => match decoder.take(&data, self.clock.now(), &mut tell) {
                    None => match progress.note(decoder.size()).await {
                        Ok(()) => continue,
                        Err(cut) => self.broken(cut),
                    },
                    Some(DecoderEnd::Excessive(excess)) => {
                        return Err(ModelError::Excessive { excess });
                    }
                    Some(DecoderEnd::Completed(end)) => {
                        answer::release(events);
                        return Ok(end);
                    }
                    Some(DecoderEnd::Incomplete(reason)) => {
                        let refusal = ServerRefusal { code: reason, ..ServerRefusal::default() };
                        return Err(self.judge(refusal, access, Some(&prompt.model)));
                    }
                    Some(DecoderEnd::Refused(refusal)) => {
                        return Err(self.judge(
                            refusal.without(&access.token),
                            access,
                            Some(&prompt.model),
                        ));
                    }
                },
                Ok(None) => ModelError::BrokenStream {},
                Err(cut) => self.broken(cut),
            };
            return Err(match decoder.failure() {
                Some(refusal) => {
                    self.judge(refusal.without(&access.token), access, Some(&prompt.model))
                }
                None => cut,
            });
        }
    }

    /// The body of a small answer, which has to be a good one.
    async fn answer(&self, request: RequestBuilder, access: &Access) -> Result<String, ModelError> {
        let whole = async {
            let response = self.send(request, access).await?;
            if !response.status().is_success() {
                let refusal = self.refusal(response, access).await;
                return Err(self.judge(refusal, access, None));
            }
            let body =
                answer::read(response, LARGEST_ANSWER).await.map_err(|cut| self.broken(cut))?;
            String::from_utf8(body).map_err(|_not_text| self.garbled(access))
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

    fn judge(
        &self,
        refusal: ServerRefusal,
        access: &Access,
        model: Option<&ModelRef>,
    ) -> ModelError {
        let moment = LocalTime {
            now: self.clock.now(),
            zone: self.zone.clone().unwrap_or_else(TimeZone::system),
        };
        let host = http_headers::origin(&self.origins, &access.kind).host();
        ErrorCase { host, kind: &access.kind, model, moment }.judge(&refusal)
    }

    fn broken(&self, cut: answer::AnswerCut) -> ModelError {
        match cut {
            answer::AnswerCut::Idle => ModelError::Idle { limit: self.options.idle_limit },
            answer::AnswerCut::Oversized { limit } => ModelError::Oversized { limit },
            answer::AnswerCut::Transport { source } => {
                tracing::debug!(trouble = ?NetTrouble::of(&source), "the stream broke");
                ModelError::BrokenStream {}
            }
        }
    }

    fn garbled(&self, access: &Access) -> ModelError {
        ModelError::Garbled { host: self.host(&access.kind), tail: StreamTail::default() }
    }

    fn host(&self, kind: &AccessKind) -> String {
        http_headers::origin(&self.origins, kind).host().to_owned()
    }

    fn owner<'a>(&'a self, kind: &'a AccessKind) -> cache::CacheOwner<'a> {
        cache::CacheOwner { kind, origin: http_headers::origin(&self.origins, kind) }
    }

    /// A list that cannot be kept is only asked for again.
    async fn keep(&self, kind: &AccessKind, models: Vec<Model>) {
        let (api, kind) = (self.clone(), kind.clone());
        let kept = tokio::task::spawn_blocking(move || {
            cache::write(&api.options.cache, api.owner(&kind), &models)
        })
        .await;
        match kept {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the list of models was not kept"),
            Err(error) => tracing::warn!(%error, "the list of models was not kept"),
        }
    }
}

/// An API account whose owner was not verified may have no summary, but everything else.
fn refuses_summary(refusal: &ServerRefusal) -> bool {
    refusal.status == Some(StatusCode::BAD_REQUEST) && refusal.param == "reasoning.summary"
}

#[cfg(test)]
mod tests;
