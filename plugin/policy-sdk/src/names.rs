//! Names that Kubernetes takes: RFC 1123, as `k8s.io/apimachinery` holds them to it.

/// `IsDNS1123Label`: at most 63 lower-case letters, digits and `-`.
pub fn is_label(name: &str) -> bool {
    name.len() <= 63 && is_part(name)
}

/// `IsDNS1123Subdomain`: at most 253 characters, parts of any length with dots between.
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
