//! Timestamps and durations in seconds, in the formats of RFC 3339 and Go.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use x509_cert::der::DateTime;

/// The seconds of a day.
pub(super) const DAY: i64 = 86_400;

/// A point in time, in seconds since 1970 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timestamp(i64);

impl Timestamp {
    /// Returns the current time. A clock before 1970 results in 1970, when no certificate was
    /// valid.
    pub(crate) fn now() -> Self {
        let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(passed.as_secs()).unwrap_or(i64::MAX))
    }

    /// Parses RFC 3339 in any time zone; fractions of a second are cut off.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (local, zone) = text.split_at_checked(19)?;
        let zone = match zone.strip_prefix('.') {
            Some(fraction) => fraction.trim_start_matches(|c: char| c.is_ascii_digit()),
            None => zone,
        };
        let local = local.to_ascii_uppercase().replacen(' ', "T", 1);
        let utc: DateTime = format!("{local}Z").parse().ok()?;
        Some(Self(Self::from(utc).0 - zone_offset(zone)?))
    }

    /// Returns the seconds from another point in time to this one.
    pub(super) fn seconds_since(self, other: Self) -> i64 {
        self.0 - other.0
    }
}

/// Returns the seconds by which a time zone is ahead of UTC.
fn zone_offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = match zone.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let (hours, minutes) = zone[1..].split_once(':')?;
    let two = |text: &str, most: i64| -> Option<i64> {
        let is_two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number| is_two && *number <= most)
    };
    Some(sign * (two(hours, 23)? * 3600 + two(minutes, 59)? * 60))
}

impl From<DateTime> for Timestamp {
    fn from(time: DateTime) -> Self {
        Self(i64::try_from(time.unix_duration().as_secs()).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let passed = std::time::Duration::from_secs(u64::try_from(self.0).unwrap_or(0));
        match DateTime::from_unix_duration(passed) {
            Ok(time) => time.fmt(f),
            Err(_) => f.write_str("after the year 9999"),
        }
    }
}

/// Parses a duration as Go writes it, such as `26280h` or `1h30m`, into seconds.
pub(super) fn parse_duration(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut seconds: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        let (unit, length) = match rest.as_bytes()[digits] {
            b'h' => (3600, 1),
            b'm' => (60, 1),
            b's' => (1, 1),
            _ => return None,
        };
        seconds = seconds.checked_add(number.checked_mul(unit)?)?;
        rest = &rest[digits + length..];
    }
    (!text.is_empty()).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_any_zone_and_written_in_utc() {
        for (text, utc) in [
            ("2026-11-25T04:30:00Z", "2026-11-25T04:30:00Z"),
            ("2026-11-25t04:30:00.123z", "2026-11-25T04:30:00Z"),
            ("2026-11-25 06:30:00+02:00", "2026-11-25T04:30:00Z"),
            ("2026-11-24T23:00:00-05:30", "2026-11-25T04:30:00Z"),
        ] {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), utc, "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "now",
            "2026-11-25",
            "2026-11-25T04:30:00",
            "2026-13-25T04:30:00Z",
            "2026-11-25T04:30:00+2",
            "2026-11-25T04:30:00+24:00",
            "2026-11-25T04:30:00+0a:00",
            "2026-11-25T04:30:00Zz",
            "1888888888888888888é",
        ] {
            assert!(Timestamp::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn spans_are_read_as_go_writes_them() {
        for (text, seconds) in [("26280h", 94_608_000), ("1h30m", 5400), ("720h0m0s", 2_592_000)] {
            assert_eq!(parse_duration(text), Some(seconds), "{text}");
        }
        for text in
            ["", "3 years", "h", "10", "-1h", "99999999999999999999h", "9999999999999999h", "1hé"]
        {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
