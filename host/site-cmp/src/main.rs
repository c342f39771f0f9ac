//! `cmp`.
fn main() {}
