//! Describes an artifact for `cmp policy inspect`, without compiling or running it.

use site_render::finding::Finding;

use crate::artifact;

/// The description of an artifact, read without running it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Lower case hex SHA-256 of the artifact.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: usize,
    /// The contract version that it exports, if this program supports it.
    pub contract: Option<String>,
    /// The interfaces that it imports.
    pub imports: Vec<String>,
    /// The interfaces that it exports.
    pub exports: Vec<String>,
    /// Number of core modules inside.
    pub core_modules: usize,
    /// Its custom sections, those of inner modules too.
    pub sections: Vec<Section>,
    /// Digest of its source, if the build tool wrote one.
    pub source: Option<String>,
}

/// A custom section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub bytes: usize,
}

/// Reads an artifact's table of contents. Foreign imports and other contract versions are listed, not
/// rejected.
///
/// # Errors
/// The artifact is not a component.
pub fn inspect(artifact: &[u8]) -> Result<Inspection, Box<Finding>> {
    let outline = artifact::read_outline(artifact).map_err(|refusal| refusal.without_policy())?;
    Ok(Inspection {
        sha256: artifact::sha256(artifact),
        bytes: artifact.len(),
        contract: artifact::contract_version(&outline).ok().map(str::to_owned),
        core_modules: outline.core_modules,
        sections: outline
            .sections
            .into_iter()
            .map(|(name, bytes)| Section { name, bytes })
            .collect(),
        source: outline.source,
        imports: outline.imports,
        exports: outline.exports,
    })
}
