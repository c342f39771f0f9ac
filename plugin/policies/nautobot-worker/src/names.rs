//! Names of the objects that the chart makes for the site's worker, by the chart's own rules.
//!
//! The chart cuts the part that all names share at 63 characters and nothing behind it
//! (`common.names.fullname` in charts/common/templates/_names.tpl of 2.5.9 and 3.1.1), so
//! whether a label fits depends on the release and on what overrides its name.

use policy_sdk::{BadValue, Document, Failure, Finding, Plan, is_label, is_subdomain};
use worker_connections::SITE_LABEL;

use crate::settings::Settings;
use crate::short::short;
use crate::site_label::SiteLabel;

/// Length at which the chart cuts the part that all names begin with.
const SHARED: usize = 63;
/// RFC 1123 and RFC 1035 labels, and values of labels of Kubernetes.
const LABEL_LIMIT: usize = 63;
/// RFC 1123 subdomains: the names that Kubernetes takes for most kinds.
const SUBDOMAIN_LIMIT: usize = 253;
/// The release where the host does not name it.
const RELEASE: &str = "nautobot-worker";
const SERVICE_MONITOR: &str = "/metrics/serviceMonitor/enabled";

/// How Kubernetes spells what it takes.
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
struct Name {
    what: &'static str,
    text: String,
    rule: Rule,
    /// True where the site label is a part of it.
    of_site: bool,
}

/// Refuses a label that makes a name too long, and reports names that Kubernetes refuses.
pub(crate) fn check(
    plan: &mut Plan,
    values: &Document,
    cluster: &Document,
    site: &SiteLabel,
    settings: &Settings,
) -> Result<(), Failure> {
    let release = cluster.text_or("/release/name", RELEASE)?;
    let names = names(values, &release, site.as_str(), settings);
    let long: Vec<BadValue> = names
        .iter()
        .filter(|name| name.of_site && name.text.len() > name.rule.limit())
        .map(|name| BadValue {
            path: SITE_LABEL.to_owned(),
            message: too_long(name, values, &release),
        })
        .collect();
    if !long.is_empty() {
        return Err(Failure::BadProfile(long));
    }
    // The shared part is in all names: one finding is enough.
    let refused = names.iter().find(|name| !name.rule.takes(&name.text));
    if let Some(name) = refused {
        report(plan, values, name);
    }
    Ok(())
}

/// Returns every name of an object, and every label value, that the site's worker gets.
fn names(values: &Document, release: &str, site: &str, settings: &Settings) -> Vec<Name> {
    let full = fullname(values, release);
    let worker = [&full, "-celery-", site].concat();
    // A Deployment's pods leave room for their hash by themselves: Kubernetes cuts what a
    // generated name begins with (k8s.io/apiserver, names.SimpleNameGenerator).
    let mut names = vec![
        Name::of_site("Deployment", worker.clone(), Rule::Subdomain),
        Name::of_site(
            "label app.kubernetes.io/component",
            ["nautobot-celery-", site].concat(),
            Rule::Label,
        ),
        Name::shared("ConfigMap", [&full, "-config"].concat(), Rule::Subdomain),
        Name::shared("label app.kubernetes.io/name", chart_name(values), Rule::Label),
        Name::shared("label app.kubernetes.io/instance", release.to_owned(), Rule::Label),
    ];
    // service.yaml and servicemonitor.yaml
    if settings.metrics && !values.is_false(SERVICE_MONITOR) {
        let service = [&worker, "-headless"].concat();
        names.push(Name::of_site("Service", service, Rule::Service));
    }
    // nautobot.serviceAccountName
    if !values.is_false("/serviceAccount/create") {
        let name = filled(values, "/serviceAccount/name").unwrap_or(full);
        names.push(Name::shared("ServiceAccount", name, Rule::Subdomain));
    }
    names
}

/// Returns the part that the names of a release's objects begin with: `common.names.fullname`.
fn fullname(values: &Document, release: &str) -> String {
    if let Some(own) = filled(values, "/fullnameOverride") {
        return cut(&own);
    }
    let name = name_override(values);
    let release = plain_release(&release.to_ascii_lowercase());
    if release.contains(&name) { cut(&release) } else { cut(&[&release, "-", &name].concat()) }
}

/// Returns the label of the chart's name: `common.names.name`.
fn chart_name(values: &Document) -> String {
    cut(&name_override(values))
}

/// Returns the chart's name, or the one that values give it.
fn name_override(values: &Document) -> String {
    filled(values, "/nameOverride").unwrap_or_else(|| "nautobot".to_owned())
}

fn filled(values: &Document, path: &str) -> Option<String> {
    values.scalar(path).filter(|text| !text.is_empty())
}

/// Cuts a text as Sprig's `trunc 63 | trimSuffix "-"` does.
fn cut(text: &str) -> String {
    let mut end = text.len().min(SHARED);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let short = text.get(..end).unwrap_or_default();
    short.strip_suffix('-').unwrap_or(short).to_owned()
}

/// Does the chart's `regexReplaceAll "(-?[^a-z\d\-])+-?" release "-"`: a dot of a release's name,
/// with the dashes beside it, becomes one dash.
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

fn too_long(name: &Name, values: &Document, release: &str) -> String {
    let other = if name.rule == Rule::Label {
        String::new()
    } else if filled(values, "/fullnameOverride").is_some() {
        " or the value fullnameOverride".to_owned()
    } else {
        [" or the release's name, ", release].concat()
    };
    format!(
        "makes the {} {} of {} characters, and Kubernetes takes {}; shorten the label{other}",
        name.what,
        name.text,
        name.text.len(),
        name.rule.limit()
    )
}

fn report(plan: &mut Plan, values: &Document, name: &Name) {
    let message = format!(
        "the chart would make the {} \"{}\", which Kubernetes refuses: {}",
        name.what,
        short(&name.text),
        name.rule.spelling()
    );
    let finding = Finding::error("worker/object-name", message);
    let own = ["/serviceAccount/name", "/fullnameOverride", "/nameOverride"]
        .into_iter()
        .filter(|path| (name.what == "ServiceAccount") || !path.starts_with("/serviceAccount"))
        .find(|path| filled(values, path).is_some());
    plan.report(match own {
        Some(path) => finding.at(path).hint("choose another name there"),
        None => finding.hint("choose another release name in the environment"),
    });
}

impl Name {
    fn of_site(what: &'static str, text: String, rule: Rule) -> Self {
        Self { what, text, rule, of_site: true }
    }

    fn shared(what: &'static str, text: String, rule: Rule) -> Self {
        Self { what, text, rule, of_site: false }
    }
}

impl Rule {
    fn limit(self) -> usize {
        match self {
            Self::Service | Self::DnsLabel | Self::Label => LABEL_LIMIT,
            Self::Subdomain => SUBDOMAIN_LIMIT,
        }
    }

    /// Returns whether a text is spelled so.
    pub(crate) fn takes(self, text: &str) -> bool {
        let any = |byte: u8| byte.is_ascii_alphanumeric();
        match self {
            Self::Service => {
                is_label(text) && text.starts_with(|first: char| first.is_ascii_lowercase())
            }
            Self::Subdomain => is_subdomain(text),
            Self::DnsLabel => is_label(text),
            Self::Label => {
                text.len() <= self.limit()
                    && text.bytes().all(|byte| any(byte) || matches!(byte, b'-' | b'_' | b'.'))
                    && text.bytes().next().is_none_or(any)
                    && text.bytes().last().is_none_or(any)
            }
        }
    }

    /// Returns the rule in words.
    pub(crate) fn spelling(self) -> &'static str {
        match self {
            Self::Service => {
                "the name of a Service has at most 63 lower case letters, digits and -, begins with a letter and ends with a letter or digit"
            }
            Self::Subdomain => {
                "a name has at most 253 lower case letters, digits, - and ., and each part begins and ends with a letter or digit"
            }
            Self::DnsLabel => {
                "it has at most 63 lower case letters, digits and -, and begins and ends with a letter or digit"
            }
            Self::Label => {
                "the value of a label has at most 63 letters, digits, -, _ and ., and begins and ends with a letter or digit"
            }
        }
    }
}

#[cfg(test)]
mod tests;
