//! What can be said of an artifact without compiling it: is it a component, does it
//! speak our contract, does it ask for anything else.
//!
//! Everything here reads hostile bytes. Nothing here hands them to the compiler before
//! each check has passed.

use sha2::{Digest, Sha256};
use wasmparser::component_types::ComponentEntityType;
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

use crate::codes;
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::text::plain;

/// The version of the contract in `plugin/wit/v1`.
pub(crate) const CONTRACT: &str = "1.0.0";

/// The custom section in which a build tool says what it built: the digest of the source.
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

/// The lower case hex SHA-256 of some bytes.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|nibble| char::from_digit(nibble.into(), 16))
        .collect()
}

/// Refuses what is too large, is not what its digest says, is not a component, or
/// speaks another version of the contract. Cheap: done at every load.
pub(crate) fn check(sha256_given: &str, bytes: &[u8], limits: &Limits) -> Result<(), Refusal> {
    let size = bytes.len() as u64;
    if size > limits.module_bytes {
        return Err(Refusal::input(
            &codes::POLICY_MODULE_SIZE,
            format!("the artifact has {size} bytes, the limit is {}", limits.module_bytes),
        )
        .limit("moduleBytes (or choose tier: wide)"));
    }
    let found = sha256(bytes);
    if found != sha256_given {
        return Err(Refusal::input(
            &site_render::codes::POLICY_DIGEST,
            format!("the artifact's SHA-256 is {found}, expected was {}", plain(sha256_given)),
        )
        .hint("run `cmp policy lock` if the change of the artifact is intended"));
    }
    limits.permits_digest(&found)?;
    let outline = outline(bytes)?;
    contract(&outline)?;
    match outline.imports.iter().find(|name| !is_ours(name)) {
        Some(foreign) => Err(import(foreign)),
        None => Ok(()),
    }
}

/// Refuses what is not valid WASM, or asks our own interface for a function that it does
/// not have. Reads every instruction: done once, before compiling.
pub(crate) fn validate(bytes: &[u8]) -> Result<(), Refusal> {
    let types = Validator::new_with_features(features()).validate_all(bytes).map_err(|e| {
        Refusal::input(
            &codes::POLICY_INVALID,
            format!("the artifact is not valid WASM: {}", plain(e.message())),
        )
    })?;
    for name in outline(bytes)?.imports {
        let Some(item) = types.component_item_for_import(&name) else {
            continue;
        };
        let ComponentEntityType::Instance(id) = item.ty else {
            return Err(import(&name));
        };
        for (function, item) in &types[id].exports {
            let known = name.starts_with("site-cmp:policy/documents@")
                && DOCUMENT_FUNCTIONS.contains(&function.as_str());
            if !known && !matches!(item.ty, ComponentEntityType::Type { .. }) {
                return Err(import(&format!("{name} {function}")));
            }
        }
    }
    Ok(())
}

/// Reads the table of contents.
pub(crate) fn outline(bytes: &[u8]) -> Result<Outline, Refusal> {
    preamble(bytes)?;
    let mut outline = Outline::default();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(|e| malformed(&e))? {
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    let name = import.map_err(|e| malformed(&e))?.name.name;
                    outline.imports.push(name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    let name = export.map_err(|e| malformed(&e))?.name.name;
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
    }
    Ok(outline)
}

/// The contract version that an artifact exports, which has to be ours.
pub(crate) fn contract(outline: &Outline) -> Result<&str, Refusal> {
    let version =
        outline.exports.iter().find_map(|name| name.strip_prefix("site-cmp:policy/evaluation@"));
    match version {
        Some(version) if version == CONTRACT => Ok(version),
        Some(version) => Err(Refusal::input(
            &codes::POLICY_CONTRACT_VERSION,
            format!(
                "it speaks version {} of the contract, this program speaks {CONTRACT}",
                plain(version)
            ),
        )
        .hint("build it with the SDK of this release, or upgrade the plugin")),
        None => Err(Refusal::input(
            &codes::POLICY_CONTRACT_VERSION,
            format!(
                "it exports no site-cmp:policy/evaluation@{CONTRACT}, so it is no policy; \
                 version found: none, version of this program: {CONTRACT}"
            ),
        )
        .hint("build it with `cmp policy build`")),
    }
}

/// The instructions that the engine compiles; `engine.rs` switches off the same ones.
fn features() -> WasmFeatures {
    WasmFeatures::WASM2.difference(WasmFeatures::SIMD)
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::COMPONENT_MODEL
}

fn preamble(bytes: &[u8]) -> Result<(), Refusal> {
    let magic = b"\0asm";
    if bytes.len() < 8 && magic.starts_with(&bytes[..bytes.len().min(4)]) {
        return Err(truncated());
    }
    if !bytes.starts_with(magic) {
        return Err(Refusal::input(
            &codes::POLICY_NOT_WASM,
            "the artifact is not WASM: it does not begin with \\0asm",
        )
        .hint("if the file is a Git LFS pointer, fetch the object itself"));
    }
    if Parser::is_core_wasm(bytes) {
        return Err(Refusal::input(
            &codes::POLICY_CORE_MODULE,
            "the artifact is a core module, not a component",
        )
        .hint("`cmp policy build` wraps a core module into a component"));
    }
    Ok(())
}

fn malformed(error: &wasmparser::BinaryReaderError) -> Refusal {
    // wasmparser has no kinds of errors; a test holds these words to its version.
    if error.message().starts_with("unexpected end") {
        return truncated();
    }
    Refusal::input(
        &codes::POLICY_INVALID,
        format!(
            "the artifact is not valid WASM: {} (at byte {})",
            plain(error.message()),
            error.offset()
        ),
    )
}

fn truncated() -> Refusal {
    Refusal::input(&codes::POLICY_TRUNCATED, "the artifact ends in the middle")
        .hint("copy or build it again")
}

fn is_ours(import: &str) -> bool {
    import
        .strip_prefix("site-cmp:policy/")
        .and_then(|rest| rest.split_once('@'))
        .is_some_and(|(_, version)| version == CONTRACT)
}

fn import(name: &str) -> Refusal {
    Refusal::input(
        &codes::POLICY_IMPORT,
        format!("it asks for {}, which no policy is given", plain(name)),
    )
    .hint(format!(
        "a policy may import site-cmp:policy/documents@{CONTRACT} and nothing else: \
         no WASI, no clock, no files"
    ))
}
