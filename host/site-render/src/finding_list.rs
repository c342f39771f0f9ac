//! A list of findings that a hostile input cannot make long.
//!
//! Each severity has a limit of its own, so that notes never displace an error. Findings over it
//! are counted and not made, and a last finding says how many there are.

use crate::codes;
use crate::finding::{Finding, Problems, Severity};

/// The findings of one severity that are listed: one for each site of a large fleet.
const MOST: usize = 1_000;

/// The text of the findings of one severity, in bytes. The finding that exceeds it is the last.
const MOST_BYTES: usize = 1 << 20;

/// Findings in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub(crate) struct FindingList {
    list: Vec<Finding>,
    counts: [Count; 3],
}

/// The findings of one severity so far.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    listed: usize,
    bytes: usize,
    left_out: u32,
}

impl Count {
    fn is_full(self) -> bool {
        self.listed >= MOST || self.bytes >= MOST_BYTES
    }
}

impl FindingList {
    /// Adds a finding, if there is room for one of its severity.
    pub(crate) fn push(&mut self, finding: Finding) {
        let count = &mut self.counts[finding.severity as usize];
        count.left_out = count.left_out.saturating_add(finding.stands_for);
        if finding.stands_for > 0 {
            return;
        }
        if count.is_full() {
            count.left_out = count.left_out.saturating_add(1);
            return;
        }
        count.listed += 1;
        count.bytes += text_bytes(&finding);
        self.list.push(finding);
    }

    /// Adds the finding that `make` returns, of this severity; does not call it if there is no
    /// room.
    pub(crate) fn push_with(&mut self, severity: Severity, make: impl FnOnce() -> Finding) {
        let count = &mut self.counts[severity as usize];
        if count.is_full() {
            count.left_out = count.left_out.saturating_add(1);
        } else {
            self.push(make());
        }
    }

    /// Returns whether one of them is an error.
    pub(crate) fn has_error(&self) -> bool {
        self.counts[Severity::Error as usize].listed > 0
    }

    /// Returns whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns the findings, then one for each severity of which some are left out.
    pub(crate) fn into_vec(mut self) -> Vec<Finding> {
        for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            let left_out = self.counts[severity as usize].left_out;
            self.list.extend((left_out > 0).then(|| closing_finding(severity, left_out)));
        }
        self.list
    }
}

impl Extend<Finding> for FindingList {
    fn extend<T: IntoIterator<Item = Finding>>(&mut self, findings: T) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}

impl FromIterator<Finding> for FindingList {
    fn from_iter<T: IntoIterator<Item = Finding>>(findings: T) -> Self {
        let mut list = Self::default();
        list.extend(findings);
        list
    }
}

impl From<FindingList> for Problems {
    fn from(list: FindingList) -> Self {
        Self(list.into_vec())
    }
}

/// Returns the findings within the limits, in the same order.
pub(crate) fn limited(findings: impl IntoIterator<Item = Finding>) -> Vec<Finding> {
    findings.into_iter().collect::<FindingList>().into_vec()
}

/// Returns the length of the texts that a finding owns.
fn text_bytes(finding: &Finding) -> usize {
    let optional = [&finding.path, &finding.hint];
    finding.message.len() + optional.into_iter().flatten().map(String::len).sum::<usize>()
}

fn closing_finding(severity: Severity, left_out: u32) -> Finding {
    let ending = if left_out == 1 { "" } else { "s" };
    let message = format!("{left_out} more {severity}{ending} like these, not listed");
    let finding = codes::FINDINGS_MORE.finding(message).severity(severity);
    Finding { stands_for: left_out, ..finding }
}

#[cfg(test)]
mod tests {
    use super::{FindingList, MOST, limited};
    use crate::codes;
    use crate::finding::{Finding, Severity};

    fn note(message: impl Into<String>) -> Finding {
        codes::GATE_CLOSED.finding(message)
    }

    #[test]
    fn each_severity_has_its_own_room_and_its_own_count() {
        let mut list = FindingList::default();
        (0..MOST + 7).for_each(|index| list.push(note(index.to_string())));
        list.push(codes::FILE_MISSING.finding("an error"));
        for _ in 0..3 {
            list.push_with(Severity::Note, || panic!("it is not made"));
        }
        assert!(list.has_error());
        let listed = list.into_vec();
        assert_eq!(listed.len(), MOST + 2);
        assert_eq!(listed[MOST].message, "an error");
        let closing = &listed[MOST + 1];
        assert_eq!(
            closing.to_string(),
            "render: 10 more notes like these, not listed [findings/more]"
        );
        assert_eq!(closing.severity, Severity::Note);
    }

    #[test]
    fn long_texts_fill_a_list_and_lists_of_lists_add_up() {
        let long = || Finding { message: "x".repeat(300 << 10), ..note("x") };
        let inner = limited((0..10).map(|_| long()));
        assert_eq!((inner.len(), inner[4].stands_for), (5, 6));
        let outer = limited(inner.clone().into_iter().chain(inner));
        assert_eq!((outer.len(), outer[4].stands_for), (5, 16));
    }
}
