//! `cmp`: everything it does is in the library, so that a second binary can be it too.

fn main() -> std::process::ExitCode {
    site_cmp::main()
}
