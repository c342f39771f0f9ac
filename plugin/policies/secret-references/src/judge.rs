//! The two sides held against each other. Each finding names both.

use std::collections::BTreeMap;

use policy_sdk::{Finding, Plan};

use crate::made::Made;
use crate::reads::{Read, Source};

impl Made<'_> {
    /// An object of another namespace is another object.
    fn serves(&self, read: &Read) -> bool {
        let elsewhere = !read.namespace.is_empty() && read.namespace != self.by.namespace;
        self.is(read.source, &read.name) && (!elsewhere || self.by.namespace.is_empty())
    }

    fn is(&self, source: Source, name: &str) -> bool {
        self.source == source && self.name == name
    }
}

/// Two objects that make one Secret or ConfigMap overwrite each other without end.
pub(crate) fn twice(plan: &mut Plan, made: &[Made], reads: &[Read], elsewhere: &[String]) {
    let mut first: BTreeMap<(Source, &str, &str), &Made> = BTreeMap::new();
    for one in made {
        let other = match first.insert((one.source, &one.by.namespace, &one.name), one) {
            Some(other) => [&*other.by.told(), " makes it too"].concat(),
            None if elsewhere.contains(&one.name) && !is_of_other_kind(one, made, reads) => {
                "the setting elsewhere says that it comes from another place".to_owned()
            }
            None => continue,
        };
        let kind = one.source.kind();
        let message = format!("{} makes {kind} {}, and {other}", one.by.told(), one.name);
        plan.report(
            Finding::error(&one.source.code("made-twice"), message)
                .at(one.by.path(""))
                .hint("let one of the two make it; each would undo what the other writes"),
        );
    }
}

/// Returns whether the name in `elsewhere` can only mean a Secret where this is a ConfigMap, or
/// the other way round: the setting names both kinds alike.
fn is_of_other_kind(one: &Made, made: &[Made], reads: &[Read]) -> bool {
    reads.iter().any(|read| {
        let other = read.name == one.name && read.source != one.source;
        other && !made.iter().any(|made| made.serves(read))
    })
}

/// Secrets, ConfigMaps and keys of theirs that are read and that nothing makes.
pub(crate) fn not_made(plan: &mut Plan, made: &[Made], reads: &[Read], elsewhere: &[String]) {
    let mut told: Vec<(Source, &str, Option<&str>)> = Vec::new();
    for read in reads.iter().filter(|read| !read.optional) {
        if elsewhere.contains(&read.name) {
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
        // One finding an object or key: there may be many readers.
        let subject = (read.source, &*read.name, key);
        if !told.contains(&subject) {
            told.push(subject);
            plan.report(finding.at(&*read.path));
        }
    }
}

fn nothing_makes(read: &Read, made: &[Made], reads: &[Read]) -> Finding {
    let idle = made.iter().filter(|one| one.source == read.source && is_idle(one, reads));
    let idle: Vec<String> = idle.map(told).collect();
    let other_end = match &*idle {
        [] => "no object here makes it".to_owned(),
        some => ["what is made and not read: ", &some.join(", ")].concat(),
    };
    let Read { source, by, name, .. } = read;
    let message = format!("{by} reads {} {name}, which nothing makes; {other_end}", source.kind());
    Finding::error(&source.code("not-made"), message)
        .hint("give both ends one name; if it comes from another place, add it to the setting elsewhere of secret-references")
}

fn lacks_key(read: &Read, one: &Made) -> Finding {
    let keys = match one.keys.as_deref().unwrap_or_default() {
        [] => "no key".to_owned(),
        some => ["only ", &some.join(", ")].concat(),
    };
    let message = format!(
        "{} reads key {} of {} {}, and {} makes it with {keys}",
        read.by,
        read.key.as_deref().unwrap_or_default(),
        read.source.kind(),
        read.name,
        one.by.told()
    );
    Finding::error(&read.source.code("no-key"), message).hint(
        "a pod waits for a key that is not there, and starts without a file that is not there",
    )
}

/// External Secrets' objects of which nothing reads what they make.
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
            .filter(|read| read.source == one.source)
            .filter(|read| !read.optional && !elsewhere.contains(&read.name))
            .filter(|read| !made.iter().any(|one| one.serves(read)))
            .map(|read| (&*read.name, &*read.by))
            .collect();
        let missing: Vec<String> =
            missing.into_iter().map(|(name, by)| [name, " (", by, ")"].concat()).collect();
        let kind = one.source.kind();
        let other_end = match &*missing {
            [] => format!("every {kind} that is read is made by another object"),
            some => ["what is read and not made: ", &some.join(", ")].concat(),
        };
        let message = format!("{} is read by nothing; {other_end}", told(one));
        let finding = match unread {
            [] => Finding::error(&one.source.code("not-read"), message)
                .hint("switch it off where it is made, or let the worker read it"),
            files => Finding::warning(&one.source.code("not-read"), message).hint(
                ["these values could not be read, and may name it: ", &files.join(", ")].concat(),
            ),
        };
        plan.report(finding.at(one.by.path("")));
    }
}

fn is_idle(one: &Made, reads: &[Read]) -> bool {
    one.is_external() && !reads.iter().any(|read| one.serves(read))
}

/// Names an object by its maker: most are called alike.
fn told(one: &Made) -> String {
    if one.by.name == one.name {
        return one.by.told();
    }
    [&*one.by.told(), " (", one.source.kind(), " ", &*one.name, ")"].concat()
}
