//! Connects a target of `fuzz-checks` with libFuzzer.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use fuzz_checks::{Programs, Target};

/// The peer that `tests/peers/build` has built, and the Python on `PATH`, unless `FUZZ_PYTHON`
/// names another.
static PROGRAMS: LazyLock<Programs> = LazyLock::new(|| Programs {
    go: Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/peers/fuzz-oracle"),
    python: PathBuf::from(std::env::var_os("FUZZ_PYTHON").unwrap_or_else(|| "python3".into())),
});

/// Defines a target, and the mutations that know its syntax. `$more` are further checks.
#[macro_export]
macro_rules! fuzz {
    ($target:ident $(, $more:path)*) => {
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
            $($more(bytes);)*
            $crate::check(fuzz_checks::$target, bytes);
        });

        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            $crate::mutate(fuzz_checks::$target, data, size, max_size, seed)
        });
    };
}

/// Checks an input.
pub fn check(target: Target, input: &[u8]) {
    target.check(input, &PROGRAMS);
}

/// Changes an input, one time in four by bytes and else by its syntax. Returns its new size.
pub fn mutate(target: Target, data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let changed = target.change(&data[..size], seed);
    if seed % 4 == 0 || changed.len() > max_size {
        return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    }
    data[..changed.len()].copy_from_slice(&changed);
    changed.len()
}
