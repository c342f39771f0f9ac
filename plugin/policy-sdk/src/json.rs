//! JSON values to write. There is no parser: the host parses, and a policy reads its documents.

/// A JSON value for an edit or a Kubernetes object.
///
/// `into()` builds one from a `bool`, an integer, text, or a list of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`. Helm's versions disagree on which defaults a null removes; prefer an explicit value.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// A map; its keys keep their order.
    Map(Vec<(String, Json)>),
    /// JSON text as the host returned it (`Document::raw`), passed on unchanged.
    Raw(String),
}

impl Json {
    /// Returns a map of these entries, in this order.
    pub fn map<'k>(entries: impl IntoIterator<Item = (&'k str, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// Returns a Kubernetes object with a `spec`. The host adds the component's namespace.
    pub fn object(version: &str, kind: &str, name: impl Into<Self>, spec: Self) -> Self {
        Self::map([
            ("apiVersion", version.into()),
            ("kind", kind.into()),
            ("metadata", Self::map([("name", name.into())])),
            ("spec", spec),
        ])
    }

    /// Returns the value as JSON text.
    pub fn to_text(&self) -> String {
        let mut out = String::with_capacity(32);
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(number) => out.push_str(&number.to_string()),
            Self::Text(text) => write_text(text, out),
            Self::Raw(json) => out.push_str(json),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Map(entries) => {
                out.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_text(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// Writes a string with quotes, backslashes and control characters escaped (RFC 8259 section 7).
///
/// Nearly all text needs no escape, so it is copied in runs. It uses `get` and not an index,
/// because the panic message of a bad slice would be a sixth of a small component.
pub(crate) fn write_text(text: &str, out: &mut String) {
    const HEX: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    out.push('"');
    let mut run = 0;
    for (index, byte) in text.bytes().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(text.get(run..index).unwrap_or_default());
        run = index + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => {
                out.push_str("\\u00");
                out.push(HEX[usize::from(control >> 4)]);
                out.push(HEX[usize::from(control & 15)]);
            }
        }
    }
    out.push_str(text.get(run..).unwrap_or_default());
    out.push('"');
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}

impl From<u32> for Json {
    fn from(value: u32) -> Self {
        Self::Number(value.into())
    }
}

impl From<u64> for Json {
    /// Keeps every digit, even beyond `i64`.
    fn from(value: u64) -> Self {
        i64::try_from(value).map_or_else(|_| Self::Raw(value.to_string()), Self::Number)
    }
}

impl From<&str> for Json {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<&String> for Json {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<String> for Json {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl From<serde_json::Value> for Json {
    /// Converts a value in a test; a policy that uses this does not build for WASM.
    fn from(value: serde_json::Value) -> Self {
        Self::Raw(value.to_string())
    }
}

#[cfg(test)]
mod tests;
