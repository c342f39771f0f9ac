//! Names that Kubernetes accepts (RFC 1123), by the rules of `k8s.io/apimachinery`.

/// Returns whether a name is a DNS label: at most 63 lower-case letters, digits and `-`
/// (`IsDNS1123Label`).
pub fn is_label(name: &str) -> bool {
    name.len() <= 63 && is_part(name)
}

/// Returns whether a name is a DNS subdomain: at most 253 characters, in parts separated by dots
/// (`IsDNS1123Subdomain`, which does not limit the length of a part).
pub fn is_subdomain(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_part)
}

fn is_part(part: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    part.bytes().all(|byte| plain(byte) || byte == b'-')
        && part.bytes().next().is_some_and(plain)
        && part.bytes().last().is_some_and(plain)
}

#[cfg(test)]
mod tests;
