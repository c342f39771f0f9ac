//! Compiles the plugin protocol without `protoc`, and keeps its descriptors for reflection.

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;

use prost::Message as _;

fn main() -> Result<(), Box<dyn Error>> {
    writeln!(std::io::stdout(), "cargo:rerun-if-changed=proto")?;
    let descriptors = protox::compile(["plugin.proto", "version.proto"], ["proto"])?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    std::fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    // A piece of an archive is hashed and unpacked where it arrived: no copy of it.
    tonic_prost_build::configure().bytes(".plugin.File").compile_fds(descriptors)?;
    Ok(())
}
