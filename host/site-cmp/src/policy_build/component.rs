//! From core module to component, with the digest of its source in a section.

use wit_component::{ComponentEncoder, metadata};

use super::error::BuildError;

/// The custom section that names the source.
const SECTION: &str = "site-cmp:source";

/// What a policy exports, in any version of the contract.
const EVALUATION: &str = "site-cmp:policy/evaluation@";
/// Where all that it imports comes from.
const CONTRACT: &str = "site-cmp:policy/";

/// The component of this module, stamped with the digest of its source.
pub(super) fn encode(module: &[u8], source_digest: &str) -> Result<Vec<u8>, BuildError> {
    let refused = |reason| BuildError::Encode { reason };
    check_world(module).map_err(refused)?;
    let mut component = ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| refused(format!("{error:#}")))?;
    stamp(&mut component, source_digest);
    Ok(component)
}

/// Appends the section; its id 0 says custom, in a component as in a module.
pub(super) fn stamp(component: &mut Vec<u8>, source_digest: &str) {
    let mut body = Vec::new();
    leb128(SECTION.len(), &mut body);
    body.extend_from_slice(SECTION.as_bytes());
    body.extend_from_slice(source_digest.as_bytes());
    component.push(0);
    leb128(body.len(), component);
    component.extend_from_slice(&body);
}

/// The world that the module's bindings were made for has to be the contract's.
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

/// The source digest that a component was stamped with, if it was.
///
/// The section is the last one, which is where [`super::build`] puts it; a component
/// that another tool has rewritten may have lost it.
pub fn source_section(component: &[u8]) -> Option<&str> {
    const HEX: usize = 64;
    let digest = component.len().checked_sub(HEX)?;
    let name = digest.checked_sub(SECTION.len())?;
    let stamped = &component[name..digest] == SECTION.as_bytes();
    stamped
        .then(|| std::str::from_utf8(&component[digest..]).ok())?
        .filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Unsigned LEB128, as WASM writes lengths.
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
