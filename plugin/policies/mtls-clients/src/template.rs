//! Names with a site and an environment in them, and nothing more.

use policy_sdk::Failure;

const SITE: &str = "{{site}}";
const ENVIRONMENT: &str = "{{environment}}";

/// Refuses a template that asks for anything else.
pub(crate) fn check(template: &str, path: &str) -> Result<(), Failure> {
    let rest = template.replace(SITE, "").replace(ENVIRONMENT, "");
    if rest.contains("{{") || rest.contains("}}") {
        let message = format!("is {template}, but only {SITE} and {ENVIRONMENT} can be filled in");
        return Err(Failure::bad_settings(path, message));
    }
    Ok(())
}

/// The name.
pub(crate) fn fill(template: &str, site: &str, environment: &str) -> String {
    template.replace(SITE, site).replace(ENVIRONMENT, environment)
}

/// Whether Kubernetes takes it: RFC 1123, as `IsDNS1123Subdomain`.
pub(crate) fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let label = |label: &str| {
        label.bytes().all(|byte| plain(byte) || byte == b'-')
            && label.bytes().next().is_some_and(plain)
            && label.bytes().last().is_some_and(plain)
    };
    name.len() <= 253 && name.split('.').all(label)
}
