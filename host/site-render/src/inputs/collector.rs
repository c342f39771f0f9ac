//! Reads values files and collects their layers.

use super::reference::{of_one_site, split_reference};
use super::value_files::{ValuesFile, resolve_value_files};
use super::{ListedValuesFile, ValuesFileState, revisions};
use crate::codes;
use crate::environment::Global;
use crate::fields::wrong_kind;
use crate::files::FleetFiles;
use crate::finding::{Finding, Problems, Severity, Stage};
use crate::finding_list::FindingList;
use crate::gate::OpenSite;
use crate::helm_merge::{HelmVersion, ValuesLayer};
use crate::memory::MemoryBudget;
use crate::origin::{Location, is_jsonnet};
use crate::value::{Node, Value};
use crate::yaml::Parsed;

/// The layers so far, and the files that they are from.
pub(super) struct ValuesCollector<'f> {
    files: &'f FleetFiles,
    helm: Option<HelmVersion>,
    memory: &'f MemoryBudget,
    /// Layers over the chart's defaults, weakest first.
    pub(super) layers: Vec<ValuesLayer>,
    /// The layers in Jsonnet, which Helm cannot read.
    pub(super) inline: Vec<ValuesLayer>,
    /// References to sources that are not available.
    pub(super) unread: Vec<String>,
    pub(super) listed: Vec<ListedValuesFile>,
    pub(super) findings: FindingList,
}

impl<'f> ValuesCollector<'f> {
    pub(super) fn new(
        files: &'f FleetFiles,
        helm: Option<HelmVersion>,
        memory: &'f MemoryBudget,
    ) -> Self {
        Self {
            files,
            helm,
            memory,
            layers: Vec::new(),
            inline: Vec::new(),
            unread: Vec::new(),
            listed: Vec::new(),
            findings: FindingList::default(),
        }
    }

    /// Reads the environment's values files; returns the references that Argo CD reads too.
    pub(super) fn read_site_files(&mut self, site: &OpenSite) -> Result<Vec<String>, Problems> {
        revisions::check_revisions(site)?;
        let (files, findings) = resolve_value_files(self.files, site)?;
        self.findings.extend(findings);
        let mut references = Vec::new();
        let mut jsonnet: Option<String> = None;
        for file in files {
            let state = self.read_file(site, &file)?;
            self.listed.push(ListedValuesFile {
                template: file.template.to_owned(),
                place: file.place.clone(),
                reference: file.reference.clone(),
                state,
            });
            if file.is_pattern() && state == ValuesFileState::Missing {
                continue;
            }
            if is_jsonnet(&file.reference) {
                jsonnet = Some(file.reference);
            } else if let Some(above) = jsonnet {
                return Err(below_jsonnet(&file.reference, &above, file.place).into());
            } else {
                references.push(file.reference);
            }
        }
        Ok(references)
    }

    /// Reads one values file, if its source is available.
    fn read_file(
        &mut self,
        site: &OpenSite,
        file: &ValuesFile<'_>,
    ) -> Result<ValuesFileState, Problems> {
        let ValuesFile { template, reference, place, located } = file;
        let Some(located) = located else {
            self.findings.push(unreadable_values(site, file));
            self.unread.push(reference.clone());
            return Ok(ValuesFileState::Unseen);
        };
        let document = (!file.is_pattern()).then(|| located.document(self.files, template));
        let why = match document {
            Some(Ok(parsed)) => {
                self.add_layer(reference.clone(), &parsed, is_jsonnet(reference))?;
                return Ok(ValuesFileState::Read);
            }
            // Jsonnet is emitted by its content, so Argo CD cannot read the file later either.
            Some(Err(error))
                if !error.is_missing() || is_jsonnet(reference) && !of_one_site(template) =>
            {
                return Err(error.into_finding(&located.name, None).into());
            }
            // Argo CD does not take it for missing, and Helm cannot read it.
            Some(Err(_)) if let Some(above) = located.file_above() => {
                let message = format!("{reference} cannot exist, because {above} is a file");
                return Err(codes::FILE_NOT_A_FILE.finding(message).at(place.clone()).into());
            }
            Some(Err(_)) => "does not exist",
            None => "matches no file",
        };
        // Argo CD ignores a values file that does not exist, and most sites have no file of their
        // own. A file that all sites share is probably missing by mistake.
        if !of_one_site(template) {
            let message = format!("{reference} {why} and adds nothing");
            self.findings.push(codes::VALUES_ABSENT.finding(message).at(place.clone()));
        }
        Ok(ValuesFileState::Missing)
    }

    /// Reads the base values of a global cluster, which are files of the fleet. Argo CD does
    /// not read them, so it gets no reference.
    pub(super) fn read_global_files(&mut self, global: &Global) -> Result<Vec<String>, Problems> {
        for (path, place) in &global.value_files {
            let parsed = self.files.named_document(path, place.clone())?;
            self.add_layer(path.clone(), &parsed, is_jsonnet(path))?;
        }
        Ok(Vec::new())
    }

    /// Returns the document that Helm reads: of several Helm 4 merges all, and Helm 3 reads the first.
    fn document_of_helm<'p>(&mut self, name: &str, parsed: &'p Parsed) -> &'p Node {
        let Some(first) = &parsed.first else { return &parsed.root };
        let message = match self.helm {
            Some(HelmVersion::Four) => return &parsed.root,
            Some(HelmVersion::Three) => {
                format!("{name} has several documents, of which Helm 3 reads the first")
            }
            None => format!(
                "{name} has several documents: Helm 4, in Argo CD from 3.5 on, merges them, and Helm 3 \
                 reads the first"
            ),
        };
        let hint =
            "write one document, or name the version with `argoCdVersion` in the environment";
        let finding = codes::VALUES_DOCUMENTS.finding(message).at(first.origin.place());
        self.findings.push(finding.hint(hint));
        if self.helm.is_some() { first } else { &parsed.root }
    }

    /// Adds a layer. An empty file adds nothing; a file that is not a mapping is refused.
    pub(super) fn add_layer(
        &mut self,
        name: String,
        parsed: &Parsed,
        inline: bool,
    ) -> Result<(), Problems> {
        self.memory.spend(parsed.memory, || name.clone())?;
        self.findings.extend(parsed.warnings.iter().cloned());
        let root = self.document_of_helm(&name, parsed);
        match &root.value {
            Value::Null => Ok(()),
            Value::Mapping(_) => {
                let layer = ValuesLayer { name, values: root.clone() };
                self.inline.extend(inline.then(|| layer.clone()));
                self.layers.push(layer);
                Ok(())
            }
            _ => Err(wrong_kind(Stage::Inputs, &name, "a mapping of Helm values", root).into()),
        }
    }
}

fn unreadable_values(site: &OpenSite, file: &ValuesFile<'_>) -> Finding {
    let reference = &file.reference;
    let name = split_reference(reference).map_or(&**reference, |(name, _)| name);
    let (message, hint) = if file.is_pattern() {
        let message = format!(
            "{reference} is a pattern: Argo CD will merge every file that matches it, and policies do \
             not see their values"
        );
        (message, "list the files one by one".to_owned())
    } else {
        let message = format!(
            "{reference} cannot be read here, because source `{name}` is not available: Argo CD will \
             merge it, and policies do not see its values"
        );
        (message, format!("map it with --source {name}=DIR, or in the environment's `sources`"))
    };
    let mut finding = codes::VALUES_UNREADABLE.finding(message).at(file.place.clone()).hint(hint);
    // Jsonnet is emitted by its content, so it must be readable here.
    if site.environment.unreadable_is_error || is_jsonnet(reference) {
        finding.severity = Severity::Error;
    }
    finding
}

/// Returns the error for a YAML file that is listed after a Jsonnet file.
fn below_jsonnet(reference: &str, above: &str, place: Option<Location>) -> Finding {
    let message = format!(
        "{reference} comes after {above}, but would be overridden by it: Argo CD cannot read Jsonnet, so the values of {above} take precedence over all YAML values files"
    );
    codes::VALUES_AFTER_JSONNET
        .finding(message)
        .at(place)
        .hint("list Jsonnet files last, or write this file in Jsonnet too")
}
