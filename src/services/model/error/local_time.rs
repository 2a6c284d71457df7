//! A point in time as a person here would say it.

use jiff::tz::TimeZone;

use crate::base::Timestamp;

/// When and where something is said.
#[derive(Clone, Debug)]
pub struct LocalTime {
    pub now: Timestamp,
    pub zone: TimeZone,
}

impl LocalTime {
    /// `06:49` for today, `Nov 22 06:42` for this year, else with the year.
    pub fn words(&self, at: Timestamp) -> String {
        let local = |time: Timestamp| {
            jiff::Timestamp::from_millisecond(time.0)
                .ok()
                .map(|time| time.to_zoned(self.zone.clone()))
        };
        let (Some(at), Some(now)) = (local(at), local(self.now)) else {
            return "a time beyond all calendars".into();
        };
        let form = if at.date() == now.date() {
            "%H:%M"
        } else if at.year() == now.year() {
            "%b %-d %H:%M"
        } else {
            "%b %-d, %Y %H:%M"
        };
        at.strftime(form).to_string()
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::Offset;

    use super::*;

    #[test]
    fn a_time_is_told_in_local_words_as_short_as_the_day_allows() {
        // 2026-11-21 09:00:00 UTC, told two hours east of it.
        let moment = LocalTime {
            now: Timestamp::from_seconds(1_795_251_600),
            zone: Offset::constant(2).to_time_zone(),
        };
        let minutes = |minutes: i64| Timestamp::from_seconds(1_795_251_600 + minutes * 60);
        let table = [
            (minutes(49), "11:49"),
            (minutes(12 * 60), "23:00"),
            (minutes(13 * 60), "Nov 22 00:00"),
            (minutes(-12 * 60), "Nov 20 23:00"),
            (minutes(60 * 24 * 60), "Jan 20, 2027 11:00"),
            (Timestamp(i64::MAX), "a time beyond all calendars"),
        ];
        for (at, words) in table {
            assert_eq!(moment.words(at), words);
        }
    }
}
