//! The types of the tables: a file, the keys of a mapping, one key and the kind of its value.

/// A file that users write or review.
#[derive(Debug)]
pub struct File {
    /// The file's name.
    pub name: &'static str,
    /// The kind of document, as a title.
    pub title: &'static str,
    /// A sentence or two on the purpose of the file.
    pub about: &'static str,
    /// Whether a null is read as an absent key. Helm users write `key:` to leave a key out.
    pub null_is_absent: bool,
    /// The keys at the top.
    pub table: &'static Table,
}

/// The keys of one mapping.
#[derive(Debug)]
pub struct Table {
    /// The path of the mapping in its file, dotted; empty for the whole file.
    pub path: &'static str,
    /// A sentence on the mapping, where its keys need one.
    pub about: &'static str,
    /// The keys, in groups that tables share.
    pub keys: &'static [&'static [Key]],
    /// Whether other programs may read keys that are not in the table.
    pub open: bool,
}

/// One key of a mapping.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The name. `<component>` is a name that the user chooses, `<source>_url` one with a
    /// fixed end.
    pub name: &'static str,
    /// The kind of its value.
    pub kind: Kind,
    /// The effect of leaving the key out.
    pub default: Fallback,
    /// One or two sentences on the key.
    pub meaning: &'static str,
    /// A value, as YAML; empty where the default is a good example.
    pub example: &'static str,
}

/// The kind of a key's value.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Any string.
    Text,
    /// One of these strings.
    Choice(&'static [&'static str]),
    /// This value alone, as JSON.
    Literal(&'static str),
    /// True or false.
    Bool,
    /// A whole number that is not negative.
    Number,
    /// A list of strings.
    Texts,
    /// A string, or a list of strings.
    TextOrTexts,
    /// A mapping with a table of its own.
    Mapping(&'static Table),
    /// A mapping with any keys.
    Free,
    /// Any value.
    Any,
}

/// The effect of leaving a key out.
#[derive(Clone, Copy, Debug)]
pub enum Fallback {
    /// An error.
    Required,
    /// An error, unless the environment's `defaults` contain the key.
    Inherited,
    /// This value, as JSON.
    Value(&'static str),
    /// This number.
    Number(u64),
    /// These numbers: of the tier `lean`, and of the tier `wide`.
    Tiers(u64, u64),
    /// A value that a rule derives; the rule completes "Default: …".
    Rule(&'static str),
    /// Nothing: the feature is not used.
    Nothing,
}

/// The table of a mapping that may have any keys.
pub(crate) static FREE: Table = Table {
    path: "<any>",
    about: "",
    keys: &[&[key("<key>", Kind::Any, Fallback::Nothing, "Any value.", "")]],
    open: true,
};

/// Returns a key. Tables are long, and a call takes one line where a literal takes seven.
pub(crate) const fn key(
    name: &'static str,
    kind: Kind,
    default: Fallback,
    meaning: &'static str,
    example: &'static str,
) -> Key {
    Key { name, kind, default, meaning, example }
}

impl Table {
    /// Returns the keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &'static Key> + use<> {
        self.keys.iter().copied().flatten()
    }

    /// Returns the key of a name: the one with that very name, else the first pattern that
    /// matches.
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        let exact = self.keys().find(|key| !key.is_pattern() && key.name == name);
        exact.or_else(|| self.keys().find(|key| key.is_pattern() && key.matches(name)))
    }

    /// Returns the names that are fixed.
    pub(crate) fn fixed(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.keys().filter(|key| !key.is_pattern()).map(|key| key.name)
    }
}

impl Key {
    /// Returns true where the user chooses the name, or a part of it.
    pub fn is_pattern(&self) -> bool {
        self.name.starts_with('<')
    }

    /// Returns the fixed end of a name that the user chooses in part.
    pub fn suffix(&self) -> &'static str {
        self.name.split_once('>').map_or("", |(_, suffix)| suffix)
    }

    /// Returns true where the key may not be left out of its mapping.
    pub fn is_required(&self) -> bool {
        matches!(self.default, Fallback::Required)
    }

    /// Returns whether a name fits a pattern.
    pub(crate) fn matches(&self, name: &str) -> bool {
        name.strip_suffix(self.suffix()).is_some_and(|chosen| !chosen.is_empty())
    }
}

impl Kind {
    /// Returns the table of a mapping's keys, where it is a mapping.
    pub fn table(self) -> Option<&'static Table> {
        match self {
            Self::Mapping(table) => Some(table),
            Self::Free => Some(&FREE),
            _ => None,
        }
    }

    /// Returns true where a string is a valid value.
    pub(crate) fn takes_text(self) -> bool {
        match self {
            Self::Text | Self::Choice(_) | Self::TextOrTexts | Self::Any => true,
            Self::Literal(json) => json.starts_with('"'),
            _ => false,
        }
    }

    /// Returns true where a list of strings is a valid value.
    pub(crate) fn takes_texts(self) -> bool {
        matches!(self, Self::Texts | Self::TextOrTexts | Self::Any)
    }
}
