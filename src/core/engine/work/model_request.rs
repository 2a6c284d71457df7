//! Model requests, and renewals of the credential that one was refused with.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::protocol::{Access, Failure, ModelRequest, ModelRequestId, ProviderId, RetryAdvice};
use crate::session::SessionInput;

use super::super::link::delta_queue::{DeltaQueue, QueueState};
use super::super::link::session_handle::SessionHandle;
use super::super::problem;
use super::super::services::Services;
use super::owned_work::Work;

/// Asks once `settled` says that what led to it is on the disk; access is fetched meanwhile.
pub(crate) fn request(
    services: Services,
    link: SessionHandle,
    request: ModelRequestId,
    prompt: Box<ModelRequest>,
    settled: impl Future<Output = ()> + Send + 'static,
) -> Work {
    let waiting = link.clone();
    let broke = move |problem| {
        waiting.send(SessionInput::ModelRequestFailed(
            request,
            Failure { problem, retry: RetryAdvice::Never, took: Duration::ZERO },
        ))
    };
    let body = async move {
        let begun = Instant::now();
        let (access, ()) = tokio::join!(services.auth.access(&prompt.model.provider), settled);
        services.notices().for_each(|notice| link.announce(notice));
        let access = match access {
            Ok(access) => access,
            Err(error) => {
                return link.send(SessionInput::ModelRequestFailed(
                    request,
                    problem::without_access(&error, begun.elapsed()),
                ));
            }
        };
        let queue = Arc::new(DeltaQueue::default());
        let on_delta = |delta| {
            if queue.push(delta) == QueueState::WasEmpty {
                link.deltas(request, &queue);
            }
        };
        match services.api.request(&prompt, &access, on_delta).await {
            Ok(end) => link.send(SessionInput::ModelRequestEnded(request, end)),
            Err(error) => {
                let failure = problem::of_model(&error, begun.elapsed());
                if failure.retry == RetryAdvice::Credential {
                    link.refused(access);
                }
                link.send(SessionInput::ModelRequestFailed(request, failure));
            }
        }
    };
    Work::awaited(body, broke)
}

/// Gets other access than was refused; any at all where none is known to have been.
pub(crate) fn renew(
    services: Services,
    link: SessionHandle,
    request: ModelRequestId,
    provider: ProviderId,
    refused: Option<Access>,
) -> Work {
    let waiting = link.clone();
    let broke = move |problem| {
        let failure = Failure { problem, retry: RetryAdvice::Never, took: Duration::ZERO };
        waiting.send(SessionInput::NotRenewed(request, failure))
    };
    let body = async move {
        let begun = Instant::now();
        let renewed = match &refused {
            Some(access) => services.auth.renew(access).await,
            None => services.auth.access(&provider).await,
        };
        link.send(match renewed {
            Ok(_) => SessionInput::Renewed(request),
            Err(error) => {
                let failure = problem::without_access(&error, begun.elapsed());
                SessionInput::NotRenewed(request, failure)
            }
        });
    };
    Work::awaited(body, broke)
}
