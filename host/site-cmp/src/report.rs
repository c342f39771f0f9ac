//! Renders findings as a compiler does: severity, code, message, location, the source line
//! with a caret, and the hint.
//!
//! The first line has the message and ends with the location, because an interface may show
//! that line alone. Control characters of an input are always escaped, so that no input can
//! control a terminal.

mod escape;
mod json;
mod line;
mod line_cache;
mod shown;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use site_render::disclosure::shown_text;
use site_render::finding::{Finding, Severity};
use site_render::origin::Location;

use line_cache::LineCache;

pub(crate) use escape::visible;
pub(crate) use json::{FindingLine, to_json, to_yaml};
pub(crate) use shown::ShownText;

/// The size limit of text for Argo CD, whose interface and logs show a plugin's whole error.
pub(crate) const ARGOCD_BYTES: usize = 4096;

/// The longest line of a file that is shown, in bytes: to find a column, it is read up to there.
const LONGEST_LINE: usize = 1 << 20;

/// Renders findings with colours, one after another.
pub(crate) fn render_styled(findings: &[&Finding]) -> String {
    let mut lines = LineCache::default();
    let mut text = String::new();
    for finding in findings {
        text.push_str(&render_finding(finding, &mut lines));
        text.push('\n');
    }
    text
}

/// Renders findings for Argo CD: plain text, the most severe first, a few KiB at most.
pub(crate) fn render_for_argocd(findings: &[Finding]) -> String {
    let mut findings: Vec<&Finding> = findings.iter().collect();
    findings.sort_by_key(|finding| finding.severity);
    render_beginning(&findings, str::to_owned)
}

/// Renders the first findings as plain text of a few KiB. `edit` changes the text of each.
pub(crate) fn render_beginning(findings: &[&Finding], edit: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    let mut left = findings.iter();
    for finding in left.by_ref() {
        text.push_str(&edit(&render_plain(&[finding])));
        if text.len() > ARGOCD_BYTES {
            break;
        }
    }
    let more: usize = left.map(|finding| (finding.stands_for as usize).max(1)).sum();
    truncate(&text, ARGOCD_BYTES, more)
}

/// Renders findings as plain text.
pub(crate) fn render_plain(findings: &[&Finding]) -> String {
    anstream::adapter::strip_str(&render_styled(findings)).to_string()
}

/// Truncates a text to `limit` bytes, at the end of a line if possible. The last line then says
/// that it is cut, and how many more findings there are.
fn truncate(text: &str, limit: usize, more: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let mark = match more {
        0 => "... (cut; `cmp check` shows all)\n".to_owned(),
        more => format!("... (cut, {more} more; `cmp check` shows all)\n"),
    };
    let room = text.floor_char_boundary(limit.saturating_sub(mark.len() + 1));
    let head = &text[..room];
    // A first line that is too long is cut within: it has the message.
    let head = head.rfind('\n').map_or(head, |end| &head[..end]);
    format!("{head}\n{mark}")
}

/// Counts findings by severity, such as `2 errors, 1 warning`.
pub(crate) fn count_by_severity(findings: &[Finding]) -> String {
    let of = |severity| findings.iter().filter(|f| f.severity == severity).count();
    let notes = of(Severity::Note);
    let mut parts =
        vec![plural(of(Severity::Error), "error"), plural(of(Severity::Warning), "warning")];
    if notes > 0 {
        parts.push(plural(notes, "note"));
    }
    parts.join(", ")
}

/// Returns a count with its noun, such as `1 site` or `3 sites`.
pub(crate) fn plural(count: usize, word: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {word}{ending}")
}

fn render_finding(finding: &Finding, lines: &mut LineCache) -> String {
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
        group = with_source_line(group, place, lines);
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

/// Adds the location and its source line to a message.
fn with_source_line<'a>(group: Group<'a>, place: &Location, lines: &mut LineCache) -> Group<'a> {
    let (line, column) = (place.at.line as usize, place.at.column as usize);
    let path = visible(&shown_text(&place.file.name)).into_owned();
    let origin = Origin::path(path.clone()).line(line).char_column(column);
    let range = lines.get(place).filter(|line| (1..=LONGEST_LINE).contains(&line.len()));
    let Some(source) = range.map(|line| place.shown_line(line)) else {
        return group.element(origin);
    };
    let line::MarkedLine { text, span } = line::cut_around(&source.text, source.column);
    let is_whole = text[..span.start].chars().count() + 1 == column;
    let mark = AnnotationKind::Primary.span(span);
    let snippet = Snippet::source(text).line_start(line).annotation(mark);
    if is_whole {
        return group.element(snippet.path(path));
    }
    // The snippet would count a wrong column in a line that is cut, has escapes or hides a secret.
    group.element(origin).element(snippet)
}

#[cfg(test)]
mod tests;
