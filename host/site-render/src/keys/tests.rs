use super::*;

fn all_tables(table: &'static Table, found: &mut Vec<&'static Table>) {
    found.push(table);
    table.keys().filter_map(|key| key.kind.table()).for_each(|below| all_tables(below, found));
}

#[test]
fn every_key_has_a_meaning_and_a_name_of_its_own() {
    for file in FILES {
        let mut tables = Vec::new();
        all_tables(file.table, &mut tables);
        for table in tables {
            let mut names: Vec<&str> = table.keys().map(|key| key.name).collect();
            for key in table.keys() {
                assert!(key.meaning.ends_with('.'), "{}: {} {}", file.name, table.path, key.name);
            }
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.keys().count(), "{}: {}", file.name, table.path);
        }
    }
}

#[test]
fn a_fixed_name_is_preferred_to_a_pattern() {
    let name = |key: &str| SITE.key(key).map(|key| key.name);
    assert_eq!(name("enabled"), Some("enabled"));
    assert_eq!(name("web"), Some("<component>"));
    let top = |key: &str| PROFILE.table.key(key).map(|key| key.name);
    assert_eq!(top("deploy_url"), Some("<source>_url"));
    assert_eq!(top("deploy_ref"), Some("<source>_ref"));
    assert_eq!(top("_ref"), None);
    assert_eq!(top("deploy"), None);
}
