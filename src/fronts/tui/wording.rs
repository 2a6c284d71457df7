//! Wording for people: plans, folders, times and shares.

use std::path::Path;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::base::{Timestamp, text};
use crate::protocol::{
    Account, AccountKind, CredentialSource, Effort, Job, Limit, Problem, PromptTiming, ProviderId,
    ServiceTier, SessionSettings,
};
use crate::tui::messages::PictureFailure;
use crate::tui::terminal::NoPicture;

/// Columns of a running command among other words.
const JOB_COLUMNS: usize = 24;

/// `ChatGPT Plus`, `API key`, `OPENAI_API_KEY`.
pub fn credential(account: &Account) -> String {
    match (&account.source, &account.kind) {
        (CredentialSource::Environment(name), _) => text::clean_line(name).into_owned(),
        (_, AccountKind::ApiKey) => "API key".into(),
        (_, AccountKind::ChatGpt { plan: Some(plan), .. }) => {
            format!("ChatGPT {}", plan_name(plan))
        }
        (_, AccountKind::ChatGpt { plan: None, .. }) => "ChatGPT".into(),
        (_, AccountKind::OAuth) => "OAuth sign-in".into(),
        (_, AccountKind::Unknown { kind }) => format!("entry of kind `{}`", text::clean_line(kind)),
        (_, AccountKind::WellKnown) => "well-known".into(),
    }
}

/// [`credential`] with its account if known.
pub fn account(account: &Account) -> String {
    match &account.kind {
        AccountKind::ChatGpt { email: Some(email), .. } => {
            format!("{} · {}", credential(account), text::clean_line(email))
        }
        _ => credential(account),
    }
}

/// The plan's marketing name; an unknown plan keeps its own word.
pub fn plan_name(plan: &str) -> String {
    match plan {
        "edu" | "education" => "Edu".into(),
        "enterprise" | "enterprise_cbp_usage_based" | "hc" => "Enterprise".into(),
        "business" | "self_serve_business_usage_based" => "Business".into(),
        "prolite" => "Pro Lite".into(),
        other => {
            let clean = text::clean_line(other);
            let mut letters = clean.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect())
                .unwrap_or_default()
        }
    }
}

pub fn provider(id: &ProviderId) -> String {
    match id.as_str() {
        "openai" => "OpenAI".into(),
        "github-copilot" => "GitHub Copilot".into(),
        "opencode" => "OpenCode Zen".into(),
        other => text::clean_line(other).into_owned(),
    }
}

pub const GONE_PICTURE: &str = "That picture came from the clipboard and is not kept with your \
    earlier prompts: attach it again";
pub const TOO_MANY_PICTURES: &str = "Together these pictures are too large for one prompt: send \
    this one with the next";

/// Why a picture cannot be attached, and what to do instead.
pub fn unread_picture(failure: PictureFailure, ssh: bool) -> String {
    match failure {
        PictureFailure::Clipboard(why) => no_picture(why, ssh),
        PictureFailure::Problem(Problem { message, next, .. }) => {
            let next = next.map(|next| format!(". {next}")).unwrap_or_default();
            format!("{message}{next}")
        }
    }
}

/// Why the clipboard gave no picture, and what to do instead.
pub fn no_picture(why: NoPicture, ssh: bool) -> String {
    let by_path = "type `@` and the file's path, or drop the file here";
    match why {
        NoPicture::Refused => {
            format!("Your terminal did not give its clipboard: allow it there, or {by_path}")
        }
        _ if ssh => format!(
            "No picture was found: your clipboard is on your own machine. Copy the file here with \
             `scp`, then {by_path}; ctrl+v works in terminals that share their clipboard, such as \
             kitty"
        ),
        NoPicture::Late(program) => {
            format!("`{program}` did not give the clipboard within half a second: {by_path}")
        }
        NoPicture::NotThere => "There is no picture on the clipboard. To paste text, use your \
            terminal's own key, such as ctrl+shift+v"
            .into(),
        NoPicture::NoProgram => format!(
            "The clipboard cannot be read: install `{}`, or {by_path}",
            if cfg!(target_os = "macos") { "pngpaste" } else { "wl-clipboard` or `xclip" }
        ),
    }
}

/// A path with the home folder as `~`.
pub fn folder(path: &Path, home: Option<&Path>) -> String {
    let short = home.and_then(|home| path.strip_prefix(home).ok());
    let shown = match short {
        Some(rest) if rest.as_os_str().is_empty() => "~".into(),
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    };
    text::clean_line(&shown).into_owned()
}

/// The remaining time: `14:32`.
pub fn countdown(left: Duration) -> String {
    let seconds = left.as_millis().div_ceil(1000);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// The time until then, rounded up to what is worth showing: `2 days 3 h`, `2 h 5 min`, `12 min`,
/// in the last minute `42 s`. `None` once it has passed.
pub fn remaining(end: Timestamp, now: Timestamp) -> Option<String> {
    let left = end.since(now);
    let step = remaining_step(left);
    let count = left.as_millis().div_ceil(step.as_millis());
    Some(match step {
        _ if count == 0 => return None,
        SECOND => format!("{count} s"),
        MINUTE => match (count / 60, count % 60) {
            (0, minutes) => format!("{minutes} min"),
            (hours, 0) => format!("{hours} h"),
            (hours, minutes) => format!("{hours} h {minutes} min"),
        },
        _ => match (count / 24, count % 24) {
            (..2, _) => format!("{count} h"),
            (days, 0) => format!("{days} days"),
            (days, hours) => format!("{days} days {hours} h"),
        },
    })
}

/// When [`remaining`] says something else.
pub fn next_remaining(end: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let left = end.since(now).as_millis();
    let step = remaining_step(end.since(now)).as_millis();
    let kept = left.div_ceil(step).checked_sub(1)? * step;
    Some(now + Duration::from_millis(u64::try_from(left - kept).unwrap_or(u64::MAX)))
}

fn remaining_step(left: Duration) -> Duration {
    if left <= MINUTE {
        SECOND
    } else if left <= 24 * HOUR {
        MINUTE
    } else {
        HOUR
    }
}

/// `8 s`, `1 min 20 s`, `2 h 5 min`.
pub fn elapsed(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A rounded distance: `in 3 days`, `2 h ago`.
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    let (time, past) = if at >= now { (at.since(now), "") } else { (now.since(at), " ago") };
    let minutes = time.as_secs() / 60;
    let amount = match minutes {
        0 => "less than a minute".into(),
        1..120 => format!("{minutes} min"),
        120..2880 => format!("{} h", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    };
    if past.is_empty() { format!("in {amount}") } else { format!("{amount}{past}") }
}

/// `18:40` today, `Nov 24 06:42` on another day.
pub fn local(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let zoned = |time: Timestamp| {
        jiff::Timestamp::from_millisecond(time.0).map(|time| time.to_zoned(zone.clone()))
    };
    match (zoned(at), zoned(now)) {
        (Ok(at), Ok(now)) if at.date() == now.date() => at.strftime("%H:%M").to_string(),
        (Ok(at), _) => at.strftime("%b %-d %H:%M").to_string(),
        (Err(_), _) => "at an unknown time".into(),
    }
}

/// `5h 62%`
pub fn limit(limit: &Limit) -> String {
    format!("{} {:.0}%", window(limit), limit.used_percent)
}

/// `5h`, `week`, `30 min`.
pub fn window(limit: &Limit) -> String {
    match limit.window_minutes {
        Some(10_080) => "week".into(),
        Some(1_440) => "day".into(),
        Some(minutes) if minutes >= 1_440 && minutes % 1_440 == 0 => {
            format!("{} days", minutes / 1_440)
        }
        Some(minutes) if minutes >= 60 && minutes % 60 == 0 => format!("{}h", minutes / 60),
        Some(minutes) => format!("{minutes} min"),
        None => "limit".into(),
    }
}

/// A sum of money, in millionths of a US dollar: `$0.42`, `$0.0031`.
pub fn cost(millionths: u64) -> String {
    match millionths {
        // Else it would be shown as nothing.
        0..50 => "$0.0001".into(),
        50..10_000 => format!("${:.4}", millionths as f64 / 1e6),
        _ => format!("${:.2}", millionths as f64 / 1e6),
    }
}

/// `128k`, `1.05M`.
pub fn tokens(count: u64) -> String {
    match count {
        0..1_000 => count.to_string(),
        1_000..1_000_000 => format!("{}k", (count + 500) / 1_000),
        _ => format!("{:.2}M", count as f64 / 1e6).replace(".00M", "M"),
    }
}

/// When a queued prompt joins the conversation.
pub fn timing(timing: PromptTiming) -> &'static str {
    match timing {
        PromptTiming::NextTurn => "after this turn",
        PromptTiming::Steer => "joins this turn",
    }
}

/// Names running commands: `serve`, `watch` and 2 more; `None` if there is none.
pub fn jobs(jobs: &[Job]) -> Option<String> {
    let name = |job: &Job| {
        let title = text::clean_line(&job.title).into_owned();
        format!("`{}`", text::cut(&title, JOB_COLUMNS))
    };
    match jobs {
        [] => None,
        [one] => Some(name(one)),
        [one, other] => Some(format!("{} and {}", name(one), name(other))),
        [one, other, more @ ..] => {
            Some(format!("{}, {} and {} more", name(one), name(other), more.len()))
        }
    }
}

/// The effort and speed that are requested: `medium, fast`; `None` if the server decides.
pub fn asked_for(settings: &SessionSettings) -> Option<String> {
    let fast = (settings.tuning.tier == ServiceTier::Fast).then(|| "fast".to_owned());
    let words: Vec<String> = settings.effort.iter().map(Effort::to_string).chain(fast).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_never_shown_as_nothing() {
        for (millionths, words) in
            [(1, "$0.0001"), (3_100, "$0.0031"), (9_999, "$0.0100"), (420_000, "$0.42")]
        {
            assert_eq!(cost(millionths), words);
        }
    }

    #[test]
    fn times_are_worded_for_people() {
        let noon = Timestamp::from_seconds(1_800_014_400);
        let zone = TimeZone::UTC;
        assert_eq!(local(noon + Duration::from_secs(3_600), noon, &zone), "13:00");
        assert_eq!(local(noon + Duration::from_secs(86_400), noon, &zone), "Jan 16 12:00");
        for (seconds, words) in [
            (30, "in less than a minute"),
            (600, "in 10 min"),
            (9_000, "in 2 h"),
            (300_000, "in 3 days"),
        ] {
            assert_eq!(relative(noon + Duration::from_secs(seconds), noon), words);
        }
        assert_eq!(relative(noon, noon + Duration::from_secs(600)), "10 min ago");
        for (millis, words) in
            [(872_000, "14:32"), (871_001, "14:32"), (59_000, "0:59"), (0, "0:00")]
        {
            assert_eq!(countdown(Duration::from_millis(millis)), words);
        }
        for (seconds, words) in [(8, "8 s"), (80, "1 min 20 s"), (7_500, "2 h 5 min")] {
            assert_eq!(elapsed(Duration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn the_remaining_time_changes_by_minutes_and_in_the_last_one_by_seconds() {
        for (millis, words, next) in [
            (-1, None, None),
            (0, None, None),
            (1, Some("1 s"), Some(1)),
            (41_500, Some("42 s"), Some(500)),
            (60_000, Some("60 s"), Some(1_000)),
            (60_001, Some("2 min"), Some(1)),
            (150_000, Some("3 min"), Some(30_000)),
            (3_600_000, Some("1 h"), Some(60_000)),
            (7_500_000, Some("2 h 5 min"), Some(60_000)),
            (86_400_001, Some("25 h"), Some(1)),
            (180_000_000, Some("2 days 2 h"), Some(3_600_000)),
            (172_800_000, Some("2 days"), Some(3_600_000)),
        ] {
            let (now, end) = (Timestamp(5), Timestamp(5 + millis));
            assert_eq!(remaining(end, now).as_deref(), words, "{millis}");
            let next = next.map(|next| Timestamp(5 + next));
            assert_eq!(next_remaining(end, now), next, "{millis}");
        }
    }

    #[test]
    fn running_commands_are_named_and_those_beyond_two_counted() {
        let job = |title: &str| Job {
            id: crate::protocol::JobId(1),
            call: "c".into(),
            turn: crate::protocol::TurnId(1),
            title: title.into(),
            tail: String::new(),
        };
        let long = "python3 -m http.server --directory public 8080";
        for (titles, words) in [
            (&[][..], None),
            (&["serve"], Some("`serve`")),
            (&["serve", long], Some("`serve` and `python3 -m http.server …`")),
            (&["a\nb", "c", "d", "e"], Some("`a b`, `c` and 2 more")),
        ] {
            let all: Vec<Job> = titles.iter().map(|title| job(title)).collect();
            assert_eq!(jobs(&all).as_deref(), words);
        }
    }

    #[test]
    fn limits_name_their_windows() {
        for (minutes, used_percent, words) in
            [(Some(300), 61.7, "5h 62%"), (Some(10_080), 18.0, "week 18%"), (None, 3.0, "limit 3%")]
        {
            assert_eq!(
                limit(&Limit { used_percent, window_minutes: minutes, resets: None }),
                words
            );
        }
        for (count, words) in
            [(900, "900"), (272_000, "272k"), (1_000_000, "1M"), (1_050_000, "1.05M")]
        {
            assert_eq!(tokens(count), words);
        }
    }

    #[test]
    fn folders_and_plans_are_short_and_clean() {
        let home = Path::new("/home/me");
        for (path, words) in [
            ("/home/me", "~"),
            ("/home/me/project", "~/project"),
            ("/srv/x", "/srv/x"),
            ("/home/me/a\u{1b}b", "~/a␛b"),
        ] {
            assert_eq!(folder(Path::new(path), Some(home)), words);
        }
        for (plan, words) in [
            ("plus", "Plus"),
            ("prolite", "Pro Lite"),
            ("hc", "Enterprise"),
            ("élan", "Élan"),
            ("", ""),
        ] {
            assert_eq!(plan_name(plan), words);
        }
    }
}
