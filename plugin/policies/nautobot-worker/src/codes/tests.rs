use super::ALL;

#[test]
fn docs_have_a_row_for_each_code() {
    let docs = include_str!("../../../../../docs/worker.md");
    for code in ALL {
        assert!(docs.contains(&format!("`{}`", code.name)), "{} is missing", code.name);
    }
}
