//! Findings as a compiler shows them: severity, code, message, place, the line with a
//! caret, what to do.
//!
//! The first line carries the meaning and ends with the place, because that line may be
//! all that an interface shows. What comes from an input never steers a terminal:
//! control characters are written out, always.

mod escape;
mod json;
mod line;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use site_render::finding::{Finding, Severity};
use site_render::origin::Place;

pub(crate) use escape::visible;
pub(crate) use json::{FindingLine, to_json, to_yaml};

/// Argo CD's interface and logs take what a plugin says whole; this much is read.
pub(crate) const ARGOCD_BYTES: usize = 4096;

/// Said where text was cut.
const CUT: &str = "... (cut; `cmp check` shows all)\n";

/// Findings as styled text, one after another.
pub(crate) fn text(findings: &[&Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        text.push_str(&one(finding));
        text.push('\n');
    }
    text
}

/// Findings as Argo CD's interface shows them: plain, the gravest first, a few KiB at most.
pub(crate) fn for_argocd(findings: &[Finding]) -> String {
    let mut findings: Vec<&Finding> = findings.iter().collect();
    findings.sort_by_key(|finding| finding.severity);
    cut(&plain(&findings), ARGOCD_BYTES)
}

/// Findings as plain text.
pub(crate) fn plain(findings: &[&Finding]) -> String {
    anstream::adapter::strip_str(&text(findings)).to_string()
}

/// At most `limit` bytes of a text, whole lines where there are several, marked if cut.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let room = text.floor_char_boundary(limit.saturating_sub(CUT.len() + 1));
    let head = &text[..room];
    // The first line is kept as far as it goes: it carries the meaning.
    let head = head.rfind('\n').map_or(head, |end| &head[..end]);
    format!("{head}\n{CUT}")
}

/// `2 errors, 1 warning`.
pub(crate) fn count(findings: &[Finding]) -> String {
    let of = |severity| findings.iter().filter(|f| f.severity == severity).count();
    let notes = of(Severity::Note);
    let mut parts =
        vec![plural(of(Severity::Error), "error"), plural(of(Severity::Warning), "warning")];
    if notes > 0 {
        parts.push(plural(notes, "note"));
    }
    parts.join(", ")
}

/// `1 site`, `3 sites`.
pub(crate) fn plural(count: usize, word: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {word}{ending}")
}

fn one(finding: &Finding) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut title = visible(&finding.message).into_owned();
    if let Some(place) = &finding.place {
        title = format!("{title} ({})", visible(&place.to_string()));
    }
    let code = visible(&finding.code).into_owned();
    let title = level.primary_title(title).id(code);
    let mut group = Group::with_title(title);
    if let Some(place) = &finding.place {
        group = shown(group, place);
    } else if let Some(path) = &finding.path {
        let path = visible(if path.is_empty() { "/" } else { path }).into_owned();
        group = group.element(Level::NOTE.with_name("at").message(path));
    }
    if let Some(hint) = &finding.hint {
        let lines: Vec<_> = hint.lines().map(visible).collect();
        group = group.element(Level::HELP.message(lines.join("\n")));
    }
    let mut text = Renderer::styled().render(&[group]);
    text.push('\n');
    text
}

/// The place, and the line that stands there.
fn shown<'a>(group: Group<'a>, place: &Place) -> Group<'a> {
    let (line, column) = (place.at.line as usize, place.at.column as usize);
    let path = visible(&place.file.name).into_owned();
    let origin = Origin::path(path.clone()).line(line).char_column(column);
    let Some(source) = place.line_text().filter(|text| !text.is_empty()) else {
        return group.element(origin);
    };
    let line::Shown { text, span } = line::around(source, column);
    let is_whole = text[..span.start].chars().count() + 1 == column;
    let mark = AnnotationKind::Primary.span(span);
    let snippet = Snippet::source(text).line_start(line).annotation(mark);
    if is_whole {
        return group.element(snippet.path(path));
    }
    // Of a line that is cut or has escapes, the snippet would count the wrong column.
    group.element(origin).element(snippet)
}

#[cfg(test)]
mod tests;
