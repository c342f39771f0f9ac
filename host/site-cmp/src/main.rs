//! The program `cmp`. Its code is in the library, because the tests build it as a second binary.

fn main() -> std::process::ExitCode {
    site_cmp::main()
}
