//! Charts of others, which are not in the repo.

use std::path::PathBuf;

use crate::tell;

/// Returns the path of a chart's archive. Charts are third-party code that nothing here may fetch, so a
/// missing one is never a failure.
pub fn chart(version: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("NAUTOBOT_CHARTS").map(PathBuf::from).or_else(|| {
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
        Some(cache.or(home)?.join("site-cmp/charts"))
    })?;
    let archive = folder.join(format!("nautobot-{version}.tgz"));
    if archive.exists() {
        return Some(archive);
    }
    tell(&format!(
        "skipped: {} not found; run `helm pull nautobot --repo https://nautobot.github.io/helm-charts/ --version {version} -d {}`",
        archive.display(),
        folder.display()
    ));
    None
}
