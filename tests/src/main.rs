//! `site-cmp`: the program under the name that never hands over to another `cmp`.

fn main() -> std::process::ExitCode {
    site_cmp::main()
}
