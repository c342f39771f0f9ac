//! site-cmp as its users see it: the real program, on real files, beside real peers.

mod tidy;
mod understack;

use site_cmp_tests::Command;

/// The program under test.
fn cmp() -> Command {
    Command::new(BINARY)
}

/// Its path. It is named `site-cmp`, and so never hands over to another `cmp`.
const BINARY: &str = env!("CARGO_BIN_EXE_site-cmp");
