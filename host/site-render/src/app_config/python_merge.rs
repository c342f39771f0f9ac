//! Merges layers into one module by Python's own rules: each layer runs after those below it and
//! binds names in the same module.
//!
//! `from __future__` comes first and only once. A repeated star import is commented out, because
//! repeating it would overwrite names bound in between. Everything else is copied verbatim, below
//! a comment that names its layer. A statement that would need a guess is an error.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ruff_text_size::TextSize;

use crate::codes;
use crate::finding::{Code, Finding, Problems};

use super::python::{Binding, BindingKind, Module, StarImport};
use super::text::{self, MAX_BYTES, MAX_FINDINGS};

mod write;

/// A layer and its reference.
#[derive(Clone, Debug)]
pub struct ConfigLayer {
    /// The reference, as it is written in the fleet.
    pub reference: String,
    /// The parsed file.
    pub module: Arc<Module>,
}

/// The merged module.
#[derive(Debug)]
pub struct MergedConfig {
    /// The text of the module.
    pub text: String,
    /// Notes on names that an upper layer binds again, and warnings about statements that may do
    /// so.
    pub findings: Vec<Finding>,
}

/// Merges layers, weakest first. Merging the result alone returns it unchanged.
///
/// # Errors
/// Returns an error for each statement that cannot be merged without a guess, and for a text that
/// is larger than a ConfigMap can hold.
pub fn merge_layers(layers: &[ConfigLayer]) -> Result<MergedConfig, Problems> {
    let mut fold = LayerFold::default();
    // A single layer is copied, and cannot conflict with itself.
    if layers.len() > 1 {
        let stems = layers.iter().map(|layer| module_stem(&layer.module.file.name)).collect();
        for (index, layer) in layers.iter().enumerate() {
            fold.check_sibling_imports(&stems, &layer.module);
            fold.check_stars(index, &layer.module);
            fold.check_uses(&layer.module);
            fold.check_bindings(index, &layer.module);
        }
    }
    if fold.findings.iter().any(Finding::is_error) {
        return Err(Problems(fold.findings));
    }
    let text = write::write_merged(layers, &fold.dropped);
    if text.len() > MAX_BYTES {
        return Err(text::size_finding("the merge of all layers", text.len()).into());
    }
    if fold.unlisted > 0 {
        let message = format!("{} more names are bound again", fold.unlisted);
        fold.findings.push(codes::CONFIG_REBOUND.finding(message));
    }
    Ok(MergedConfig { text, findings: fold.findings })
}

/// Returns the module name of a file.
fn module_stem(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.strip_suffix(".py").unwrap_or(file)
}

/// The state of all layers merged so far.
#[derive(Default)]
struct LayerFold<'l> {
    /// Names that are bound or deleted, with the layer and the binding.
    names: BTreeMap<&'l str, (usize, &'l Module, &'l Binding)>,
    /// Modules of star imports, with the layer.
    stars: BTreeMap<&'l str, (&'l Module, &'l StarImport)>,
    /// Star imports that a lower layer has already: layer, and index in its list.
    dropped: Vec<(usize, usize)>,
    /// Whether a layer deletes a name.
    any_deleted: bool,
    errors: usize,
    new_stars: usize,
    noted: usize,
    unlisted: usize,
    findings: Vec<Finding>,
}

impl<'l> LayerFold<'l> {
    /// Rejects an import of another layer: Python would run that layer twice, or not find it.
    fn check_sibling_imports(&mut self, stems: &BTreeSet<&str>, module: &'l Module) {
        for (name, at) in &module.facts.imports {
            if stems.contains(name.as_str()) {
                self.add_error(module, *at, &codes::CONFIG_IMPORTS_LAYER, || {
                    let message = format!(
                        "`{name}` is a layer of this config: layers are merged, not imported"
                    );
                    (message, "remove the import: a layer sees the names of those below it")
                });
            }
        }
    }

    /// Drops repeated star imports, rejects ambiguous ones, and warns about dynamic bindings.
    fn check_stars(&mut self, index: usize, module: &'l Module) {
        for (number, star) in module.facts.stars.iter().enumerate() {
            let known = self.stars.get(star.module.as_str()).copied();
            let (code, message, hint) = match known {
                Some((_, below)) if below.conditional || star.conditional => (
                    &codes::CONFIG_STAR_CONDITIONAL,
                    format!(
                        "`from {} import *` is in two layers, and in one of them under a condition",
                        star.module
                    ),
                    "keep it in the lowest layer, without a condition",
                ),
                Some((other, _)) if std::ptr::eq(other, module) => continue,
                Some(_) if star.late => (
                    &codes::CONFIG_STAR_LATE,
                    format!(
                        "`from {} import *` comes after names that it may bind again",
                        star.module
                    ),
                    "move it to the top of its layer",
                ),
                Some(_) => {
                    self.dropped.push((index, number));
                    continue;
                }
                None => {
                    self.stars.insert(&star.module, (module, star));
                    if index > 0 {
                        self.warn_new_star(module, star);
                    }
                    continue;
                }
            };
            self.add_error(module, star.range.start(), code, || {
                let below = known.map_or_else(String::new, |(other, below)| {
                    format!(" (the other: {})", other.place(below.range.start()))
                });
                (message + &below, hint)
            });
        }
        for (what, at) in module.facts.dynamic.iter().take(MAX_FINDINGS) {
            let message = format!("`{what}()` may bind names again, and it is unknown which");
            let finding = codes::CONFIG_DYNAMIC.finding(message);
            self.findings.push(finding.at(module.place(*at)));
        }
    }

    /// Warns about a star import that only an upper layer has.
    fn warn_new_star(&mut self, module: &Module, star: &StarImport) {
        self.new_stars += 1;
        if self.new_stars > MAX_FINDINGS {
            return;
        }
        let message = format!(
            "`from {} import *` may bind names of the layers below again, and it is unknown which",
            star.module
        );
        let finding = codes::CONFIG_STAR.finding(message);
        self.findings.push(
            finding
                .at(module.place(star.range.start()))
                .hint("import the names explicitly, or move the import to the lowest layer"),
        );
    }

    /// Rejects the use of a name that a lower layer has deleted.
    fn check_uses(&mut self, module: &'l Module) {
        let gone = |(_, _, below): &(usize, &Module, &Binding)| {
            below.kind == BindingKind::Deleted && !below.conditional
        };
        if !self.any_deleted {
            return;
        }
        let mut own: BTreeMap<&str, TextSize> = BTreeMap::new();
        for binding in &module.facts.bindings {
            own.entry(&binding.name).or_insert(binding.at);
        }
        for (name, at) in &module.facts.uses {
            let below = self.names.get(name.as_str()).copied().filter(gone);
            let bound = own.get(name.as_str()).is_some_and(|own| own < at);
            if let Some((_, other, below)) = below.filter(|_| !bound) {
                self.add_error(module, *at, &codes::CONFIG_READS_DELETED, || {
                    let place = other.place(below.at);
                    let message = format!("`{name}` is deleted at {place} and read here");
                    (message, "bind it again before, or remove the `del`")
                });
            }
        }
    }

    /// Compares the bindings of a layer with those of the layers below.
    fn check_bindings(&mut self, index: usize, module: &'l Module) {
        for binding in &module.facts.bindings {
            match self.names.get(binding.name.as_str()).copied() {
                Some((layer, other, below)) if layer < index => {
                    self.note_rebound(module, binding, other, below);
                }
                Some((_, _, below))
                    if binding.kind == BindingKind::Deleted
                        && below.kind == BindingKind::Deleted =>
                {
                    self.check_unbound(module, binding);
                }
                None if binding.kind == BindingKind::Deleted => self.check_unbound(module, binding),
                _ => {}
            }
            self.any_deleted |= binding.kind == BindingKind::Deleted;
            self.names.insert(&binding.name, (index, module, binding));
        }
    }

    /// Notes a name of a lower layer that is bound to another value or deleted.
    fn note_rebound(
        &mut self,
        module: &Module,
        binding: &Binding,
        other: &Module,
        below: &Binding,
    ) {
        if binding.kind == BindingKind::Deleted && below.kind == BindingKind::Deleted {
            self.check_unbound(module, binding);
            return;
        }
        let same = matches!(binding.kind, BindingKind::Import(_)) && binding.kind == below.kind;
        if same || below.kind == BindingKind::Deleted {
            return;
        }
        self.noted += 1;
        if self.noted > MAX_FINDINGS {
            self.unlisted += 1;
            return;
        }
        let what =
            if binding.kind == BindingKind::Deleted { "is deleted" } else { "is bound again" };
        let maybe = if binding.conditional { ", under a condition" } else { "" };
        let message = format!("`{}` of {} {what}{maybe}", binding.name, other.place(below.at));
        let finding = codes::CONFIG_REBOUND.finding(message);
        self.findings.push(finding.at(module.place(binding.at)));
    }

    /// Rejects the deletion of a name that was never bound. With a star import below, any name may
    /// be bound.
    fn check_unbound(&mut self, module: &Module, binding: &Binding) {
        if !binding.conditional && self.stars.is_empty() {
            self.add_error(module, binding.at, &codes::CONFIG_DEL_UNBOUND, || {
                let message = format!("`{}` is deleted, and no layer has bound it", binding.name);
                (message, "remove the `del`: Python would stop here")
            });
        }
    }

    /// Adds an error, up to the limit.
    fn add_error(
        &mut self,
        module: &Module,
        at: TextSize,
        code: &'static Code,
        describe: impl FnOnce() -> (String, &'static str),
    ) {
        self.errors += 1;
        if self.errors <= MAX_FINDINGS {
            let (message, hint) = describe();
            let finding = code.finding(message);
            self.findings.push(finding.at(module.place(at)).hint(hint));
        }
    }
}
