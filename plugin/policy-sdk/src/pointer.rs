//! JSON Pointers (RFC 6901), built from keys.

/// Returns the pointer through these keys, each escaped: `~` becomes `~0` and `/` becomes `~1`.
///
/// ```
/// assert_eq!(policy_sdk::pointer(["appLabels", "example.org/site"]), "/appLabels/example.org~1site");
/// ```
pub fn pointer<'a>(tokens: impl IntoIterator<Item = &'a str>) -> String {
    let mut path = String::with_capacity(48);
    for token in tokens {
        path.push('/');
        let mut run = 0;
        for (index, byte) in token.bytes().enumerate() {
            let escaped = match byte {
                b'~' => "~0",
                b'/' => "~1",
                _ => continue,
            };
            path.push_str(token.get(run..index).unwrap_or_default());
            path.push_str(escaped);
            run = index + 1;
        }
        path.push_str(token.get(run..).unwrap_or_default());
    }
    path
}
