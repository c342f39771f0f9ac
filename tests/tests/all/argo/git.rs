//! Repos that repo-server can fetch.

use std::path::Path;

use site_cmp_tests::Command;

/// Commits all that is in a folder, which becomes a repo; gives the revision.
pub(crate) fn commit(folder: &Path) -> String {
    git(folder, &["init", "-q"]);
    git(folder, &["add", "-A"]);
    let identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
    git(folder, &[&identity[..], &["commit", "-q", "--allow-empty", "-m", "a state"]].concat());
    git(folder, &["rev-parse", "HEAD"]).trim().to_owned()
}

fn git(folder: &Path, args: &[&str]) -> String {
    // A file that is not there: no configuration of the machine's reaches a test.
    let nowhere = folder.join(".git/none");
    Command::new("git")
        .env("GIT_CONFIG_GLOBAL", &nowhere)
        .env("GIT_CONFIG_SYSTEM", &nowhere)
        .arg("-C")
        .arg(folder)
        .args(args)
        .run()
        .success()
        .stdout
}
