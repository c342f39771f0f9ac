//! The timestamps that go-yaml v2 accepts for the tag `!!timestamp`.
//!
//! Go parses four layouts: a date, and a date with a time behind `T`, `t` or a blank. Months, days,
//! hours, minutes and seconds have one or two digits. A fraction of a second may follow, and behind
//! `T` and `t` a time zone must.

/// Returns whether a text is a timestamp for Go.
pub(super) fn is_timestamp(text: &str) -> bool {
    let Some((year, rest)) = text.split_at_checked(4) else { return false };
    let mut rest = Rest(rest);
    let (Ok(year), true) = (year.parse::<u32>(), year.bytes().all(|b| b.is_ascii_digit())) else {
        return false;
    };
    let date = rest
        .after(b"-", 12)
        .and_then(|month| rest.after(b"-", 31).map(|day| (month, day)))
        .is_some_and(|(month, day)| month > 0 && (1..=days_in(year, month)).contains(&day));
    if !date {
        return false;
    }
    if rest.0.is_empty() {
        return true;
    }
    let has_zone = !rest.0.starts_with(' ');
    let time = rest.after(b"Tt ", 23).is_some()
        && rest.after(b":", 59).is_some()
        && rest.after(b":", 59).is_some();
    if !time {
        return false;
    }
    rest.skip_fraction();
    if has_zone { is_zone(rest.0) } else { rest.0.is_empty() }
}

/// Returns the number of days in a month.
fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Returns whether a text is `Z` or an offset such as `+01:00`.
fn is_zone(text: &str) -> bool {
    if text == "Z" {
        return true;
    }
    let number = |tens: u8, ones: u8| {
        let is_number = tens.is_ascii_digit() && ones.is_ascii_digit();
        is_number.then(|| (tens - b'0') * 10 + (ones - b'0'))
    };
    match text.as_bytes() {
        [b'+' | b'-', h, hh, b':', m, mm] => {
            // Go's own bounds.
            number(*h, *hh).is_some_and(|hours| hours <= 24)
                && number(*m, *mm).is_some_and(|minutes| minutes <= 60)
        }
        _ => false,
    }
}

/// The rest of a text.
struct Rest<'t>(&'t str);

impl Rest<'_> {
    /// Takes one of several separators and a number of one or two digits behind it, up to a maximum.
    fn after(&mut self, separators: &[u8], most: u32) -> Option<u32> {
        let bytes = self.0.as_bytes();
        let (separator, digits) = bytes.split_first()?;
        let length = digits.iter().take(2).take_while(|byte| byte.is_ascii_digit()).count();
        let number = self.0.get(1..=length).filter(|_| length > 0)?.parse().ok()?;
        let is_valid = separators.contains(separator) && number <= most;
        self.0 = &self.0[1 + length..];
        is_valid.then_some(number)
    }

    /// Drops a fraction of a second.
    fn skip_fraction(&mut self) {
        let Some(rest) = self.0.strip_prefix(['.', ',']) else { return };
        let fraction = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        if fraction.len() < rest.len() {
            self.0 = fraction;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_timestamp;

    #[test]
    fn timestamps_are_those_of_go() {
        for text in [
            "2001-1-2",
            "2001-12-31",
            "2004-02-29",
            "2000-02-29",
            "2001-01-02T3:4:5Z",
            "2001-01-02t03:04:05.1+01:00",
            "2001-01-02T03:04:05,123456789012-24:60",
            "2001-01-02 03:04:05",
            "2001-01-02 3:4:5.5",
        ] {
            assert!(is_timestamp(text), "{text}");
        }
        for text in [
            "",
            "2001",
            "2001-1",
            "2001-13-01",
            "2001-00-01",
            "2001-02-29",
            "1900-02-29",
            "2001-04-31",
            "2001-01-02T03:04:05",
            "2001-01-02 03:04:05Z",
            "2001-01-02T24:00:00Z",
            "2001-01-02T03:60:00Z",
            "2001-01-02T03:04:05.Z",
            "2001-01-02T03:04:05+1:00",
            "2001-01-02T03:04:05+25:00",
            "2001-01-021",
            "é001-01-02",
            "2001-01-02x",
            "2001-01-0é",
        ] {
            assert!(!is_timestamp(text), "{text}");
        }
    }
}
