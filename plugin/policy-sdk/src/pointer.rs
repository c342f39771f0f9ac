//! JSON Pointers (RFC 6901) from plain keys.

/// The pointer through these keys, each escaped: `~` is `~0` and `/` is `~1`.
///
/// ```
/// assert_eq!(policy_sdk::pointer(["appLabels", "example.org/site"]), "/appLabels/example.org~1site");
/// ```
pub fn pointer<'a>(tokens: impl IntoIterator<Item = &'a str>) -> String {
    let mut path = String::with_capacity(48);
    for token in tokens {
        path.push('/');
        if token.contains(['~', '/']) {
            path.push_str(&token.replace('~', "~0").replace('/', "~1"));
        } else {
            path.push_str(token);
        }
    }
    path
}
