//! Checks names of the objects that the chart creates for the site's worker, by the chart's rules.
//!
//! The chart cuts the part that all names share at 63 characters but not the text after it
//! (`common.names.fullname` in charts/common/templates/_names.tpl of 2.5.9 and 3.1.1), so
//! whether a label fits depends on the release and on what overrides its name.

use policy_sdk::{BadValue, Document, Failure, Plan, is_label, is_subdomain};
use worker_connections::SITE_LABEL;

use crate::codes;
use crate::settings::Settings;
use crate::short::shorten;
use crate::site_label::SiteLabel;

/// The length at which the chart cuts the part that all names begin with.
const SHARED: usize = 63;
/// The limit for RFC 1123 and RFC 1035 labels, and for label values of Kubernetes.
const LABEL_LIMIT: usize = 63;
/// The limit for RFC 1123 subdomains, the names of most kinds.
const SUBDOMAIN_LIMIT: usize = 253;
/// The release that is assumed where the host does not name it.
const RELEASE: &str = "nautobot-worker";
const SERVICE_MONITOR: &str = "/metrics/serviceMonitor/enabled";

/// A rule of Kubernetes for the spelling of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// An RFC 1035 label, which begins with a letter: Services.
    Service,
    /// An RFC 1123 subdomain: Deployments and most other kinds.
    Subdomain,
    /// An RFC 1123 label: volumes and containers.
    DnsLabel,
    /// The value of a label.
    Label,
}

/// One name or label value that the chart emits.
struct ObjectName {
    what: &'static str,
    text: String,
    rule: Rule,
    /// Whether the site label is a part of the text.
    of_site: bool,
}

/// Refuses a site label that makes a name too long, and reports names that Kubernetes refuses.
pub(crate) fn check_names(
    plan: &mut Plan,
    values: &Document,
    cluster: &Document,
    site: &SiteLabel,
    settings: &Settings,
) -> Result<(), Failure> {
    let release = cluster.text_or("/release/name", RELEASE)?;
    let names = object_names(values, &release, site.as_str(), settings);
    let long: Vec<BadValue> = names
        .iter()
        .filter(|name| name.of_site && name.text.len() > name.rule.max_length())
        .map(|name| BadValue {
            path: SITE_LABEL.to_owned(),
            message: too_long_message(name, values, &release),
        })
        .collect();
    if !long.is_empty() {
        return Err(Failure::BadProfile(long));
    }
    // All names contain the shared part, so one finding is enough.
    let refused = names.iter().find(|name| !name.rule.accepts(&name.text));
    if let Some(name) = refused {
        report_name(plan, values, name);
    }
    Ok(())
}

/// Returns every name of an object, and every label value, that the site's worker gets.
fn object_names(
    values: &Document,
    release: &str,
    site: &str,
    settings: &Settings,
) -> Vec<ObjectName> {
    let full = full_name(values, release);
    let worker = [&full, "-celery-", site].concat();
    // The names of pods need no check: Kubernetes cuts the prefix of a generated name to make room
    // for the hash (k8s.io/apiserver, names.SimpleNameGenerator).
    let mut names = vec![
        ObjectName::of_site("Deployment", worker.clone(), Rule::Subdomain),
        ObjectName::of_site(
            "label app.kubernetes.io/component",
            ["nautobot-celery-", site].concat(),
            Rule::Label,
        ),
        ObjectName::of_release("ConfigMap", [&full, "-config"].concat(), Rule::Subdomain),
        ObjectName::of_release("label app.kubernetes.io/name", chart_name(values), Rule::Label),
        ObjectName::of_release("label app.kubernetes.io/instance", release.to_owned(), Rule::Label),
    ];
    // service.yaml and servicemonitor.yaml
    if settings.metrics && !values.is_false(SERVICE_MONITOR) {
        let service = [&worker, "-headless"].concat();
        names.push(ObjectName::of_site("Service", service, Rule::Service));
    }
    // nautobot.serviceAccountName
    if !values.is_false("/serviceAccount/create") {
        let name = non_empty(values, "/serviceAccount/name").unwrap_or(full);
        names.push(ObjectName::of_release("ServiceAccount", name, Rule::Subdomain));
    }
    names
}

/// Returns the part that the names of a release's objects begin with: `common.names.fullname`.
fn full_name(values: &Document, release: &str) -> String {
    if let Some(own) = non_empty(values, "/fullnameOverride") {
        return truncate_name(&own);
    }
    let name = name_override(values);
    let release = plain_release(&release.to_ascii_lowercase());
    if release.contains(&name) {
        truncate_name(&release)
    } else {
        truncate_name(&[&release, "-", &name].concat())
    }
}

/// Returns the label of the chart's name: `common.names.name`.
fn chart_name(values: &Document) -> String {
    truncate_name(&name_override(values))
}

/// Returns the chart's name, or the value that overrides it.
fn name_override(values: &Document) -> String {
    non_empty(values, "/nameOverride").unwrap_or_else(|| "nautobot".to_owned())
}

/// Returns a value unless it is empty.
fn non_empty(values: &Document, path: &str) -> Option<String> {
    values.scalar(path).filter(|text| !text.is_empty())
}

/// Cuts a text as Sprig's `trunc 63 | trimSuffix "-"` does.
fn truncate_name(text: &str) -> String {
    let mut end = text.len().min(SHARED);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let short = text.get(..end).unwrap_or_default();
    short.strip_suffix('-').unwrap_or(short).to_owned()
}

/// Applies the chart's `regexReplaceAll "(-?[^a-z\d\-])+-?" release "-"`: a dot of a release's
/// name, with the dashes next to it, becomes one dash. The policy links no regex engine.
fn plain_release(release: &str) -> String {
    let letters: Vec<char> = release.chars().collect();
    let at = |index: usize| letters.get(index).copied();
    let is_other = |index| {
        at(index).is_some_and(|c| !c.is_ascii_lowercase() && !c.is_ascii_digit() && c != '-')
    };
    let mut plain = String::with_capacity(release.len());
    let mut index = 0;
    while let Some(letter) = at(index) {
        let mut end = index;
        loop {
            if is_other(end) {
                end += 1;
            } else if at(end) == Some('-') && is_other(end + 1) {
                end += 2;
            } else {
                break;
            }
        }
        if end == index {
            plain.push(letter);
            index += 1;
        } else {
            plain.push('-');
            index = end + usize::from(at(end) == Some('-'));
        }
    }
    plain
}

/// Returns the message on a name that is longer than its limit.
fn too_long_message(name: &ObjectName, values: &Document, release: &str) -> String {
    let other = if name.rule == Rule::Label {
        String::new()
    } else if non_empty(values, "/fullnameOverride").is_some() {
        " or the value fullnameOverride".to_owned()
    } else {
        [" or the release's name, ", release].concat()
    };
    format!(
        "makes the {} {} {} characters long, but Kubernetes allows {}; shorten the label{other}",
        name.what,
        name.text,
        name.text.len(),
        name.rule.max_length()
    )
}

/// Reports a name that Kubernetes refuses, at the value that sets it.
fn report_name(plan: &mut Plan, values: &Document, name: &ObjectName) {
    let message = format!(
        "the chart would create the {} \"{}\", which Kubernetes refuses: {}",
        name.what,
        shorten(&name.text),
        name.rule.requirement()
    );
    let finding = codes::OBJECT_NAME.finding(message);
    let own = ["/serviceAccount/name", "/fullnameOverride", "/nameOverride"]
        .into_iter()
        .filter(|path| (name.what == "ServiceAccount") || !path.starts_with("/serviceAccount"))
        .find(|path| non_empty(values, path).is_some());
    plan.report(match own {
        Some(path) => finding.at(path).hint("choose another name there"),
        None => finding.hint("choose another release name in the environment"),
    });
}

impl ObjectName {
    fn of_site(what: &'static str, text: String, rule: Rule) -> Self {
        Self { what, text, rule, of_site: true }
    }

    fn of_release(what: &'static str, text: String, rule: Rule) -> Self {
        Self { what, text, rule, of_site: false }
    }
}

impl Rule {
    fn max_length(self) -> usize {
        match self {
            Self::Service | Self::DnsLabel | Self::Label => LABEL_LIMIT,
            Self::Subdomain => SUBDOMAIN_LIMIT,
        }
    }

    /// Returns whether a text follows the rule.
    pub(crate) fn accepts(self, text: &str) -> bool {
        let any = |byte: u8| byte.is_ascii_alphanumeric();
        match self {
            Self::Service => {
                is_label(text) && text.starts_with(|first: char| first.is_ascii_lowercase())
            }
            Self::Subdomain => is_subdomain(text),
            Self::DnsLabel => is_label(text),
            Self::Label => {
                text.len() <= self.max_length()
                    && text.bytes().all(|byte| any(byte) || matches!(byte, b'-' | b'_' | b'.'))
                    && text.bytes().next().is_none_or(any)
                    && text.bytes().last().is_none_or(any)
            }
        }
    }

    /// Returns the rule in words.
    pub(crate) fn requirement(self) -> &'static str {
        match self {
            Self::Service => {
                "the name of a Service has at most 63 lowercase letters, digits and -, begins with a letter and ends with a letter or digit"
            }
            Self::Subdomain => {
                "a name has at most 253 lowercase letters, digits, - and ., and each part begins and ends with a letter or digit"
            }
            Self::DnsLabel => {
                "it has at most 63 lowercase letters, digits and -, and begins and ends with a letter or digit"
            }
            Self::Label => {
                "the value of a label has at most 63 letters, digits, -, _ and ., and begins and ends with a letter or digit"
            }
        }
    }
}

#[cfg(test)]
mod tests;
