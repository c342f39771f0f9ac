//! Encodes a core module as a component, with the digest of its sources in a section.

use wit_component::{ComponentEncoder, metadata};

use super::error::BuildError;

/// The custom section with the digest of the sources.
const SECTION: &str = "site-cmp:source";

/// The interface that a policy exports, in any version of the contract.
const EVALUATION: &str = "site-cmp:policy/evaluation@";
/// The package of all interfaces that a policy may import.
const CONTRACT: &str = "site-cmp:policy/";

/// Returns the component of a module, stamped with the digest of its sources.
pub(super) fn encode_component(module: &[u8], source_digest: &str) -> Result<Vec<u8>, BuildError> {
    let refused = |reason| BuildError::Encode { reason };
    check_world(module).map_err(refused)?;
    let mut component = ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| refused(format!("{error:#}")))?;
    append_stamp(&mut component, source_digest);
    Ok(component)
}

/// Appends the section. Id 0 means a custom section, in a component as in a module.
pub(super) fn append_stamp(component: &mut Vec<u8>, source_digest: &str) {
    let mut body = Vec::new();
    leb128(SECTION.len(), &mut body);
    body.extend_from_slice(SECTION.as_bytes());
    body.extend_from_slice(source_digest.as_bytes());
    component.push(0);
    leb128(body.len(), component);
    component.extend_from_slice(&body);
}

/// Checks that the module's bindings were generated from the contract.
fn check_world(module: &[u8]) -> Result<(), String> {
    let (_, bindings) = metadata::decode(module).map_err(|error| format!("{error:#}"))?;
    let world = &bindings.resolve.worlds[bindings.world];
    let name = |key| bindings.resolve.name_world_key(key);
    let mut imports = world.imports.keys().map(name);
    if let Some(foreign) = imports.find(|import| !import.starts_with(CONTRACT)) {
        return Err(format!("it imports {foreign}"));
    }
    let mut exports = world.exports.keys().map(name);
    if !exports.any(|export| export.starts_with(EVALUATION)) {
        return Err("it exports no evaluation".to_owned());
    }
    Ok(())
}

/// Returns the source digest of a component, if it has one.
///
/// The section must be the last one, where [`super::build`] appends it; a component that
/// another tool has rewritten may have lost it.
pub fn source_section(component: &[u8]) -> Option<&str> {
    const HEX: usize = 64;
    let digest = component.len().checked_sub(HEX)?;
    let name = digest.checked_sub(SECTION.len())?;
    let stamped = &component[name..digest] == SECTION.as_bytes();
    stamped
        .then(|| std::str::from_utf8(&component[digest..]).ok())?
        .filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Appends a number in unsigned LEB128, the encoding of lengths in WASM.
fn leb128(mut value: usize, out: &mut Vec<u8>) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}
