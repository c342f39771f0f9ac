//! What `cmp policy inspect` shows of an artifact. Runs nothing, compiles nothing.

use site_render::finding::Finding;

use crate::artifact;

/// What an artifact says of itself, without being asked to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Lower case hex SHA-256 of the artifact.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: usize,
    /// The version of the contract it speaks, if it speaks one that we know.
    pub contract: Option<String>,
    /// The interfaces it asks for.
    pub imports: Vec<String>,
    /// The interfaces it offers.
    pub exports: Vec<String>,
    /// How many core modules are inside.
    pub core_modules: usize,
    /// Its custom sections, those of inner modules too.
    pub sections: Vec<Section>,
    /// Digest of the source it was built from, if the build tool left one.
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

/// Reads an artifact's table of contents. Foreign imports and contract versions are
/// shown, not refused; what is not a component at all is an error.
pub fn inspect(artifact: &[u8]) -> Result<Inspection, Box<Finding>> {
    let outline = artifact::outline(artifact).map_err(|refusal| refusal.bare())?;
    Ok(Inspection {
        sha256: artifact::sha256(artifact),
        bytes: artifact.len(),
        contract: artifact::contract(&outline).ok().map(str::to_owned),
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
