//! The two sides held against each other. Each finding names both.

use std::collections::BTreeMap;

use policy_sdk::{Finding, Plan};

use crate::made::Made;
use crate::reads::Read;

impl Made<'_> {
    /// A Secret of another namespace is another Secret.
    fn serves(&self, read: &Read) -> bool {
        let elsewhere = !read.namespace.is_empty() && read.namespace != self.by.namespace;
        self.secret == read.secret && (!elsewhere || self.by.namespace.is_empty())
    }
}

/// Two objects that make one Secret overwrite each other without end.
pub(crate) fn twice(plan: &mut Plan, made: &[Made], elsewhere: &[String]) {
    let mut first: BTreeMap<(&str, &str), &Made> = BTreeMap::new();
    for one in made {
        let other = match first.insert((&one.by.namespace, &one.secret), one) {
            Some(other) => [&*other.by.told(), " makes it too"].concat(),
            None if elsewhere.contains(&one.secret) => {
                "the setting elsewhere says that it comes from another place".to_owned()
            }
            None => continue,
        };
        let message = format!("{} makes Secret {}, and {other}", one.by.told(), one.secret);
        plan.report(
            Finding::error("secret/made-twice", message)
                .at(one.by.path(""))
                .hint("let one of the two make it; each would undo what the other writes"),
        );
    }
}

/// Secrets and keys that are read and that nothing makes.
pub(crate) fn not_made(plan: &mut Plan, made: &[Made], reads: &[Read], elsewhere: &[String]) {
    let mut told: Vec<(&str, Option<&str>)> = Vec::new();
    for read in reads.iter().filter(|read| !read.optional) {
        if elsewhere.contains(&read.secret) {
            continue;
        }
        let maker = made.iter().find(|one| one.serves(read));
        let lacks = |one: &&Made| match (&one.keys, &read.key) {
            (Some(keys), Some(key)) => !keys.contains(key),
            _ => false,
        };
        let (finding, key) = match maker {
            None => (nothing_makes(read, made, reads), None),
            Some(one) if lacks(&one) => (lacks_key(read, one), read.key.as_deref()),
            Some(_) => continue,
        };
        // One finding a Secret or key: there may be many readers.
        if !told.contains(&(&read.secret, key)) {
            told.push((&read.secret, key));
            plan.report(finding.at(&*read.path));
        }
    }
}

fn nothing_makes(read: &Read, made: &[Made], reads: &[Read]) -> Finding {
    let idle: Vec<String> = made.iter().filter(|one| is_idle(one, reads)).map(told).collect();
    let other_end = match &*idle {
        [] => "no object here makes it".to_owned(),
        some => ["what is made and not read: ", &some.join(", ")].concat(),
    };
    let Read { by, secret, .. } = read;
    let message = format!("{by} reads Secret {secret}, which nothing makes; {other_end}");
    Finding::error("secret/not-made", message)
        .hint("give both ends one name; if it comes from another place, add it to the setting elsewhere of secret-references")
}

fn lacks_key(read: &Read, one: &Made) -> Finding {
    let keys = match one.keys.as_deref().unwrap_or_default() {
        [] => "no key".to_owned(),
        some => ["only ", &some.join(", ")].concat(),
    };
    let message = format!(
        "{} reads key {} of Secret {}, and {} makes it with {keys}",
        read.by,
        read.key.as_deref().unwrap_or_default(),
        read.secret,
        one.by.told()
    );
    Finding::error("secret/no-key", message).hint(
        "a pod waits for a key that is not there, and starts without a file that is not there",
    )
}

/// External Secrets' objects whose Secret nothing reads.
pub(crate) fn not_read(
    plan: &mut Plan,
    made: &[Made],
    reads: &[Read],
    elsewhere: &[String],
    unread: &[String],
) {
    for one in made.iter().filter(|one| is_idle(one, reads)) {
        let missing: BTreeMap<&str, &str> = reads
            .iter()
            .filter(|read| !read.optional && !elsewhere.contains(&read.secret))
            .filter(|read| !made.iter().any(|one| one.serves(read)))
            .map(|read| (&*read.secret, &*read.by))
            .collect();
        let missing: Vec<String> =
            missing.into_iter().map(|(secret, by)| [secret, " (", by, ")"].concat()).collect();
        let other_end = match &*missing {
            [] => "every Secret that is read is made by another object".to_owned(),
            some => ["what is read and not made: ", &some.join(", ")].concat(),
        };
        let message = format!("{} is read by nothing; {other_end}", told(one));
        let finding = match unread {
            [] => Finding::error("secret/not-read", message)
                .hint("switch it off where it is made, or let the worker read it"),
            files => Finding::warning("secret/not-read", message).hint(
                ["these values could not be read, and may name it: ", &files.join(", ")].concat(),
            ),
        };
        plan.report(finding.at(one.by.path("")));
    }
}

fn is_idle(one: &Made, reads: &[Read]) -> bool {
    one.is_external() && !reads.iter().any(|read| one.serves(read))
}

/// A Secret by its maker: most are called alike.
fn told(one: &Made) -> String {
    if one.by.name == one.secret {
        return one.by.told();
    }
    [&*one.by.told(), " (Secret ", &*one.secret, ")"].concat()
}
