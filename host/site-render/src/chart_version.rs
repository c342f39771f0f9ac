//! Versions of charts, which may be ranges: Argo CD takes the newest version of the repository that
//! fits. The ranges are those of Masterminds/semver 3, which Argo CD (3.5) uses.

use semver::{Comparator, Op, Version, VersionReq};

/// The version of a chart in an environment.
#[derive(Debug)]
pub(crate) enum ChartVersion {
    /// One version.
    Exact(String),
    /// Any version of one of these ranges.
    Range(Vec<VersionReq>),
}

impl ChartVersion {
    /// Reads a version or a range.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let is_exact = |text: &str| Version::parse(text.trim_start_matches('v')).is_ok();
        // A text without any sign of a range is a tag of an OCI registry, or a version like `3.1`.
        let signs = |c: char| " ,<>=!~^*|".contains(c);
        let has_wildcard = text.split('.').any(|part| matches!(part, "x" | "X"));
        if is_exact(text) || !text.contains(signs) && !has_wildcard {
            return Ok(Self::Exact(text.to_owned()));
        }
        text.split("||").map(read_range).collect::<Result<_, _>>().map(Self::Range)
    }

    /// Returns whether a version fits.
    pub(crate) fn matches(&self, version: &str) -> bool {
        match self {
            Self::Exact(own) => own == version,
            Self::Range(ranges) => Version::parse(version.trim_start_matches('v'))
                .is_ok_and(|version| ranges.iter().any(|range| range.matches(&version))),
        }
    }

    /// Returns the version that policies see: of a range the lowest one. Fails with the reason if the
    /// range allows versions of several majors, which may read values in different ways.
    pub(crate) fn lowest(&self) -> Result<String, String> {
        let ranges = match self {
            Self::Exact(version) => return Ok(version.clone()),
            Self::Range(ranges) => ranges,
        };
        let bounds: Vec<RangeBounds> = ranges.iter().map(RangeBounds::of).collect();
        let lowest = bounds.iter().map(|bounds| bounds.lowest).min().unwrap_or_default();
        if bounds.iter().any(|bounds| bounds.last_major != Some(lowest[0])) {
            return Err("allows more than one major version".to_owned());
        }
        Ok(lowest.map(|number| number.to_string()).join("."))
    }
}

/// Reads comparisons that all have to hold.
fn read_range(text: &str) -> Result<VersionReq, String> {
    let text = text.trim();
    let refuse = || format!("is not a version or a range: `{text}`");
    if let Some((from, to)) = text.split_once(" - ") {
        return VersionReq::parse(&format!(">={}, <={}", from.trim(), to.trim()))
            .map_err(|_| refuse());
    }
    // Blanks after an operator belong to it, others separate comparisons.
    let mut list = String::new();
    let mut after_operator = true;
    for part in text.split([' ', ',']).filter(|part| !part.is_empty()) {
        if !after_operator {
            list.push(',');
        }
        list.push_str(&part.replacen("=>", ">=", 1).replacen("=<", "<=", 1));
        after_operator = part.chars().all(|c| "<>=~^".contains(c));
    }
    // A `v` stands before numbers only.
    let plain = list.replace('v', "");
    VersionReq::parse(&plain).map_err(|_| refuse())
}

/// The lowest version of a range, and its last major; `None` without an upper bound.
#[derive(Debug)]
struct RangeBounds {
    lowest: [u64; 3],
    last_major: Option<u64>,
}

impl RangeBounds {
    fn of(range: &VersionReq) -> Self {
        let mut bounds = Self { lowest: [0; 3], last_major: None };
        for comparator in &range.comparators {
            let own =
                [comparator.major, comparator.minor.unwrap_or(0), comparator.patch.unwrap_or(0)];
            if !matches!(comparator.op, Op::Less | Op::LessEq) {
                let first = if comparator.op == Op::Greater { next(comparator) } else { own };
                bounds.lowest = bounds.lowest.max(first);
            }
            let last = match comparator.op {
                Op::Greater | Op::GreaterEq => continue,
                Op::Less if own[1..] == [0, 0] => comparator.major.checked_sub(1),
                _ => Some(comparator.major),
            };
            bounds.last_major = match (bounds.last_major, last) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        bounds
    }
}

/// Returns the first version above those of a comparison.
fn next(comparator: &Comparator) -> [u64; 3] {
    match (comparator.minor, comparator.patch) {
        (None, _) => [comparator.major + 1, 0, 0],
        (Some(minor), None) => [comparator.major, minor + 1, 0],
        (Some(minor), Some(patch)) => [comparator.major, minor, patch + 1],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_see_the_lowest_version_of_a_range() {
        for (text, lowest) in [
            ("3.1.2", Ok("3.1.2")),
            ("v3.1.2", Ok("v3.1.2")),
            ("3.1.2-rc.1", Ok("3.1.2-rc.1")),
            ("3.1", Ok("3.1")),
            ("latest", Ok("latest")),
            ("~3.1.0", Ok("3.1.0")),
            ("^3.1.0", Ok("3.1.0")),
            (">=3.1.0 <4", Ok("3.1.0")),
            (">= 3.1.0, < 4.0.0", Ok("3.1.0")),
            (">3.1 <3.9", Ok("3.2.0")),
            ("3.1.*", Ok("3.1.0")),
            ("3.1.x", Ok("3.1.0")),
            ("3.x", Ok("3.0.0")),
            ("3.1.0 - 3.4.5", Ok("3.1.0")),
            ("~3.1.0 || ~3.3.0", Ok("3.1.0")),
            ("*", Err(())),
            (">=3.1", Err(())),
            (">=2 <4", Err(())),
            ("^2.0.0 || ^3.0.0", Err(())),
            ("!=3.1.0", Err(())),
            (">=a", Err(())),
            ("~", Err(())),
        ] {
            let found = ChartVersion::read(text).and_then(|version| version.lowest());
            assert_eq!(
                found.map_err(drop).as_deref(),
                lowest.as_ref().copied().map_err(drop).as_deref(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_version_fits_its_range() {
        for (text, version, fits) in [
            ("~3.1.0", "3.1.9", true),
            ("~3.1.0", "3.2.0", false),
            (">=3.1.0 <4", "3.9.0", true),
            ("3.1.*", "3.1.4", true),
            ("~3.1.0 || ~3.3.0", "3.3.1", true),
            ("3.1.2", "3.1.2", true),
            ("3.1.2", "3.1.3", false),
        ] {
            assert_eq!(
                ChartVersion::read(text).unwrap().matches(version),
                fits,
                "{text} {version}"
            );
        }
    }
}
