//! Checks an artifact before it is compiled: that it is a component, exports our contract, and
//! imports nothing else.
//!
//! All functions here read hostile bytes. The compiler gets them only after every check has
//! passed.

use sha2::{Digest, Sha256};
use wasmparser::component_types::ComponentEntityType;
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

use crate::codes;
use crate::limits::Limits;
use crate::reject_error::RejectError;
use crate::text::escape_controls;

/// The version of the contract in `plugin/wit/v1`.
pub(crate) const CONTRACT: &str = "1.0.0";

/// The custom section with the digest of the source, written by `cmp policy build`.
const SOURCE_SECTION: &str = "site-cmp:source";

/// The functions of the one interface that a policy may call.
const DOCUMENT_FUNCTIONS: [&str; 5] = [
    "[method]document.get",
    "[method]document.text",
    "[method]document.keys",
    "[method]document.size",
    "[method]document.kind",
];

/// An artifact's table of contents.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    pub(crate) imports: Vec<String>,
    pub(crate) exports: Vec<String>,
    pub(crate) core_modules: usize,
    /// Name and size of each custom section, those of inner modules too.
    pub(crate) sections: Vec<(String, usize)>,
    pub(crate) source: Option<String>,
}

/// The most imports, exports and custom sections of an artifact together. Real ones have dozens.
const OUTLINE_ITEMS: usize = 10_000;

/// The most components and modules inside one another. Real ones have three levels.
const NESTING: usize = 100;

impl Outline {
    /// Rejects an artifact whose outline would take much more memory than the artifact.
    fn check_size(&self, depth: usize) -> Result<(), RejectError> {
        let items = self.imports.len() + self.exports.len() + self.sections.len();
        let excess = match (items > OUTLINE_ITEMS, depth > NESTING) {
            (true, _) => format!("more than {OUTLINE_ITEMS} imports, exports and custom sections"),
            (_, true) => format!("components in more than {NESTING} levels"),
            _ => return Ok(()),
        };
        Err(RejectError::input(&codes::POLICY_INVALID, format!("the artifact has {excess}")))
    }
}

/// Returns the SHA-256 of some bytes in lower-case hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|nibble| char::from_digit(nibble.into(), 16))
        .collect()
}

/// Rejects an artifact that is too large, does not match its digest, is not a component, or has
/// another contract version. This is cheap and runs at every load.
pub(crate) fn check_artifact(
    sha256_given: &str,
    bytes: &[u8],
    limits: &Limits,
) -> Result<(), RejectError> {
    let size = bytes.len() as u64;
    if size > limits.module_bytes {
        return Err(RejectError::input(
            &codes::POLICY_MODULE_SIZE,
            format!("the artifact has {size} bytes, the limit is {}", limits.module_bytes),
        )
        .limit("moduleBytes (or choose tier: wide)"));
    }
    let found = sha256(bytes);
    if found != sha256_given {
        return Err(RejectError::input(
            &site_render::codes::POLICY_DIGEST,
            format!(
                "the artifact's SHA-256 is {found}, expected was {}",
                escape_controls(sha256_given)
            ),
        )
        .hint("run `cmp policy lock` if the change of the artifact is intended"));
    }
    limits.permits_digest(&found)?;
    let outline = read_outline(bytes)?;
    contract_version(&outline)?;
    match outline.imports.iter().find(|name| !is_contract_import(name)) {
        Some(foreign) => Err(import_error(foreign)),
        None => Ok(()),
    }
}

/// Rejects invalid WASM, and imports of functions that our interface does not have. This reads
/// every instruction and compares types, which may take any time: it runs only where it can be
/// killed, in the compiling child.
pub(crate) fn validate_code(bytes: &[u8]) -> Result<(), RejectError> {
    let types = Validator::new_with_features(wasm_features()).validate_all(bytes).map_err(|e| {
        RejectError::input(
            &codes::POLICY_INVALID,
            format!("the artifact is not valid WASM: {}", escape_controls(e.message())),
        )
    })?;
    for name in read_outline(bytes)?.imports {
        let Some(item) = types.component_item_for_import(&name) else {
            continue;
        };
        let ComponentEntityType::Instance(id) = item.ty else {
            return Err(import_error(&name));
        };
        for (function, item) in &types[id].exports {
            let known = name.starts_with("site-cmp:policy/documents@")
                && DOCUMENT_FUNCTIONS.contains(&function.as_str());
            if !known && !matches!(item.ty, ComponentEntityType::Type { .. }) {
                return Err(import_error(&format!("{name} {function}")));
            }
        }
    }
    Ok(())
}

/// Reads the table of contents of an artifact.
pub(crate) fn read_outline(bytes: &[u8]) -> Result<Outline, RejectError> {
    check_preamble(bytes)?;
    let mut outline = Outline::default();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(|e| malformed_error(&e))? {
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    outline.check_size(depth)?;
                    let name = import.map_err(|e| malformed_error(&e))?.name.name;
                    outline.imports.push(name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    outline.check_size(depth)?;
                    let name = export.map_err(|e| malformed_error(&e))?.name.name;
                    outline.exports.push(name.to_owned());
                }
            }
            Payload::ModuleSection { .. } => {
                outline.core_modules += 1;
                depth += 1;
            }
            Payload::ComponentSection { .. } => depth += 1,
            Payload::CustomSection(section) => {
                let text = || String::from_utf8_lossy(section.data()).trim().to_owned();
                if depth == 0 && section.name() == SOURCE_SECTION {
                    outline.source = Some(text());
                }
                let name = section.name().to_owned();
                outline.sections.push((name, section.data().len()));
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        outline.check_size(depth)?;
    }
    Ok(outline)
}

/// Returns the contract version that an artifact exports, if it is the supported one.
pub(crate) fn contract_version(outline: &Outline) -> Result<&str, RejectError> {
    let version =
        outline.exports.iter().find_map(|name| name.strip_prefix("site-cmp:policy/evaluation@"));
    match version {
        Some(version) if version == CONTRACT => Ok(version),
        Some(version) => Err(RejectError::input(
            &codes::POLICY_CONTRACT_VERSION,
            format!(
                "it uses version {} of the contract, this program supports {CONTRACT}",
                escape_controls(version)
            ),
        )
        .hint("build it with the SDK of this release, or upgrade the plugin")),
        None => Err(RejectError::input(
            &codes::POLICY_CONTRACT_VERSION,
            format!(
                "it does not export site-cmp:policy/evaluation@{CONTRACT}, so it is not a policy; \
                 version found: none, version of this program: {CONTRACT}"
            ),
        )
        .hint("build it with `cmp policy build`")),
    }
}

/// Returns the features that the engine compiles; must match those that `engine.rs` enables.
fn wasm_features() -> WasmFeatures {
    WasmFeatures::WASM2.difference(WasmFeatures::SIMD)
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::COMPONENT_MODEL
}

fn check_preamble(bytes: &[u8]) -> Result<(), RejectError> {
    let magic = b"\0asm";
    if bytes.len() < 8 && magic.starts_with(&bytes[..bytes.len().min(4)]) {
        return Err(truncated_error());
    }
    if !bytes.starts_with(magic) {
        return Err(RejectError::input(
            &codes::POLICY_NOT_WASM,
            "the artifact is not WASM: it does not begin with \\0asm",
        )
        .hint("if the file is a Git LFS pointer, fetch the object itself"));
    }
    if Parser::is_core_wasm(bytes) {
        return Err(RejectError::input(
            &codes::POLICY_CORE_MODULE,
            "the artifact is a core module, not a component",
        )
        .hint("`cmp policy build` wraps a core module into a component"));
    }
    Ok(())
}

fn malformed_error(error: &wasmparser::BinaryReaderError) -> RejectError {
    // wasmparser has no error kinds; a test checks this text against the pinned version.
    if error.message().starts_with("unexpected end") {
        return truncated_error();
    }
    RejectError::input(
        &codes::POLICY_INVALID,
        format!(
            "the artifact is not valid WASM: {} (at byte {})",
            escape_controls(error.message()),
            error.offset()
        ),
    )
}

fn truncated_error() -> RejectError {
    RejectError::input(&codes::POLICY_TRUNCATED, "the artifact is truncated")
        .hint("copy or build it again")
}

fn is_contract_import(import: &str) -> bool {
    import
        .strip_prefix("site-cmp:policy/")
        .and_then(|rest| rest.split_once('@'))
        .is_some_and(|(_, version)| version == CONTRACT)
}

fn import_error(name: &str) -> RejectError {
    RejectError::input(
        &codes::POLICY_IMPORT,
        format!("it imports {}, which no policy may import", escape_controls(name)),
    )
    .hint(format!(
        "a policy may import only site-cmp:policy/documents@{CONTRACT}: \
         no WASI, no clock, no files"
    ))
}
