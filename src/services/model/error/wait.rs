//! How long a server asks to wait: in a header, or in the words of an error.

use std::time::Duration;

use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::base::Timestamp;
use crate::model::header_names;

/// Reads `retry-after-ms`, then `Retry-After` (RFC 9110 section 10.2.3: seconds, or a date). A time
/// that is over asks for no wait.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(ms) = text(header_names::RETRY_AFTER_MS).and_then(|text| text.parse::<f64>().ok()) {
        return Duration::try_from_secs_f64(ms / 1000.0).ok();
    }
    let text = text(RETRY_AFTER.as_str())?;
    match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => Some(Timestamp(date(text)?).since(now)),
    }
}

/// The least difference between two clocks that is taken for one: a date has whole seconds.
const LEAST_LEAD: i64 = 2_000;

/// How far this machine's clock is before that of the server, which dates its answer (RFC 9110
/// section 6.6.1), in milliseconds; 0 where that is not known.
pub fn clock_lead(headers: &HeaderMap, now: Timestamp) -> i64 {
    let dated =
        headers.get(DATE).and_then(|date| date.to_str().ok()).and_then(|it| date(it.trim()));
    let lead = dated.map_or(0, |dated| now.0.saturating_sub(dated));
    if lead.abs() < LEAST_LEAD { 0 } else { lead }
}

/// Reads `try again in 11.054s`, `… 28ms`, `… 35 seconds`, `… 1m30s` out of a sentence.
pub fn try_again_in(sentence: &str) -> Option<Duration> {
    const LEAD: &str = "try again in ";
    let lower = sentence.to_ascii_lowercase();
    let mut rest = &lower[lower.find(LEAD)? + LEAD.len()..];
    let mut total = None;
    while let Some((wait, after)) = amount(rest.trim_start_matches([' ', ',', '~'])) {
        total = Some(total.unwrap_or(Duration::ZERO).saturating_add(wait));
        rest = after;
    }
    total
}

/// One number with its unit, and what follows it.
fn amount(text: &str) -> Option<(Duration, &str)> {
    let (number, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit() && c != '.')?);
    let number: f64 = number.parse().ok()?;
    let rest = rest.trim_start();
    let (unit, rest) =
        rest.split_at(rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len()));
    let seconds = match unit {
        "ms" | "millisecond" | "milliseconds" => 0.001,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86_400.0,
        _ => return None,
    };
    Some((Duration::try_from_secs_f64(number * seconds).ok()?, rest))
}

/// The three forms of an HTTP date (RFC 9110 section 5.6.7), in milliseconds since 1970.
fn date(text: &str) -> Option<i64> {
    if let Ok(time) = rfc2822::DateTimeParser::new().parse_timestamp(text) {
        return Some(time.as_millisecond());
    }
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"].into_iter().find_map(|form| {
        let time = strtime::parse(form, text).ok()?.to_datetime().ok()?;
        Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Headers = &'static [(&'static str, &'static str)];

    /// 1994-11-06 08:49:37 UTC.
    const NOW: Timestamp = Timestamp(784_111_777_000);

    #[test]
    fn every_form_of_retry_after_is_read() {
        let table: [(Headers, Option<u64>); 13] = [
            (&[], None),
            (&[("retry-after", "2")], Some(2000)),
            (&[("retry-after", " 1.5 ")], Some(1500)),
            (&[("retry-after", "4000")], Some(4_000_000)),
            (&[("retry-after-ms", "250"), ("retry-after", "9")], Some(250)),
            (&[("retry-after-ms", "soon"), ("retry-after", "9")], Some(9000)),
            (&[("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT")], Some(10_000)),
            (&[("retry-after", "Sunday, 06-Nov-94 08:49:47 GMT")], Some(10_000)),
            (&[("retry-after", "Sun Nov  6 08:49:47 1994")], Some(10_000)),
            (&[("retry-after", "Sun, 06 Nov 1994 08:40:00 GMT")], Some(0)),
            (&[("retry-after", "-3")], None),
            (&[("retry-after", "NaN")], None),
            (&[("retry-after", "tomorrow")], None),
        ];
        for (pairs, expected) in table {
            assert_eq!(
                retry_after(&header_names::headers(pairs), NOW),
                expected.map(Duration::from_millis),
                "{pairs:?}"
            );
        }
    }

    #[test]
    fn the_wait_is_read_out_of_a_sentence() {
        let table = [
            ("Rate limit reached. Please try again in 11.054s. Visit …", Some(11_054)),
            ("Try Again In 28ms.", Some(28)),
            ("try again in 35 seconds", Some(35_000)),
            ("Please try again in 1m30.5s.", Some(90_500)),
            ("try again in 6m0s", Some(360_000)),
            ("try again in 1 hour, 2 minutes", Some(3_720_000)),
            ("try again in 1.2.3s", None),
            ("try again in a while", None),
            ("try again in 5", None),
            ("try again in 5 parsecs", None),
            ("try again in ", None),
            ("İtry again in 2s", Some(2000)),
            ("", None),
        ];
        for (sentence, expected) in table {
            assert_eq!(try_again_in(sentence), expected.map(Duration::from_millis), "{sentence}");
        }
    }
}
