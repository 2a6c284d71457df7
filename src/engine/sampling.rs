//! Requests to the model, and renewals of what they were refused with. Does not know what is asked, nor when it is tried again.

use crate::protocol::{Access, Failure, Prompt, Retry, SampleId};
use crate::session::Input;

use super::hands::Hands;
use super::link::Link;
use super::problem;
use super::work::Work;

/// Asks once `settled` says that what led to it is on the disk; access is fetched meanwhile.
pub(super) fn sample(
    hands: Hands,
    link: Link,
    sample: SampleId,
    prompt: Box<Prompt>,
    settled: impl Future<Output = ()> + Send + 'static,
) -> Work {
    let waiting = link.clone();
    let broke = move |problem| waiting.send(Input::SampleFailed(sample, Failure { problem, retry: Retry::Never }));
    let body = async move {
        let (access, ()) = tokio::join!(hands.auth.access(), settled);
        hands.notices().for_each(|notice| link.announce(notice));
        let access = match access {
            Ok(access) => access,
            Err(error) => return link.send(Input::SampleFailed(sample, problem::without_access(&error))),
        };
        match hands.api.sample(&prompt, &access, |delta| link.send(Input::Delta(sample, delta))).await {
            Ok(end) => link.send(Input::SampleEnded(sample, end)),
            Err(error) => {
                let failure = problem::of_model(&error);
                if failure.retry == Retry::Credential {
                    link.refused(access);
                }
                link.send(Input::SampleFailed(sample, failure));
            }
        }
    };
    Work::awaited(body, broke)
}

/// Gets other access than was refused; any at all where none is known to have been.
pub(super) fn renew(hands: Hands, link: Link, sample: SampleId, refused: Option<Access>) -> Work {
    let waiting = link.clone();
    let body = async move {
        let renewed = match &refused {
            Some(access) => hands.auth.renew(access).await,
            None => hands.auth.access().await,
        };
        link.send(match renewed {
            Ok(_) => Input::Renewed(sample),
            Err(error) => Input::NotRenewed(sample, problem::of_auth(&error)),
        });
    };
    Work::awaited(body, move |problem| waiting.send(Input::NotRenewed(sample, problem)))
}
