//! The subject of a message about one or more sites.

/// Returns the sites and the form of the verb that agrees with their number, singular or
/// plural: `site iad3 dials`, `site iad3 and 2 others dial`.
pub fn subject(sites: &[String], [singular, plural]: [&str; 2]) -> String {
    match sites {
        [] => format!("no site {singular}"),
        [site] => format!("site {site} {singular}"),
        [site, _] => format!("site {site} and 1 other {plural}"),
        [site, others @ ..] => format!("site {site} and {} others {plural}", others.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::subject;

    #[test]
    fn one_site_has_its_name_and_more_are_numbered() {
        let sites: Vec<String> = ["a", "b", "c"].map(str::to_owned).into();
        let dial = |sites| subject(sites, ["dials", "dial"]);
        assert_eq!(dial(&sites[..0]), "no site dials");
        assert_eq!(dial(&sites[..1]), "site a dials");
        assert_eq!(dial(&sites[..2]), "site a and 1 other dial");
        assert_eq!(dial(&sites), "site a and 2 others dial");
    }
}
