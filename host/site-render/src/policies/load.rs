//! Loading a policy: by the path and the sha256 that the lock names, and no other way.

use std::sync::Arc;

use crate::codes;
use crate::digest::sha256;
use crate::fields::with_suggestion_or;
use crate::finding::{Code, Finding};
use crate::fleet::Fleet;
use crate::lock::{LOCK_FILE, Pin};
use crate::policy::Policy;
use crate::schema::Schema;
use crate::sources::ReadError;

/// The largest artifact that is read, in bytes: the wide tier's module with room.
/// How large one may be to run is the sandbox's business.
const MAX_ARTIFACT: u64 = 128 << 20;

/// A policy that is loaded, and the schema its settings are held to.
pub(crate) struct Ready {
    pub(crate) policy: Arc<dyn Policy>,
    pub(super) settings: Arc<Schema>,
}

/// Loads a policy of the fleet's lock.
pub(crate) fn load(fleet: &Fleet, name: &str) -> Result<Ready, Box<Finding>> {
    let pin = fleet.lock.policies.get(name).ok_or_else(|| unpinned(fleet, name))?;
    let refused = |code: &'static Code, message: String| {
        Box::new(code.finding(message).at(pin.place.clone()))
    };
    let bytes = fleet
        .world
        .tree
        .read(&pin.path, MAX_ARTIFACT)
        .map_err(|error| ReadError::Tree(error).into_finding(&pin.path, pin.place.clone()))?;
    let policy = pinned(fleet, name, pin, &bytes)?;
    let described = policy.description();
    if described.name != name {
        let message = format!(
            "{} says its name is `{}`, but {LOCK_FILE} calls it `{name}`",
            pin.path, described.name
        );
        return Err(refused(&codes::POLICY_NAME, message));
    }
    let settings = described.compiled().map_err(|error| {
        refused(
            &codes::POLICY_SCHEMA,
            format!("policy `{name}` has a settings schema that is none: {error}"),
        )
    })?;
    Ok(Ready { policy, settings })
}

/// The policy in an artifact, if the artifact is the pinned one.
fn pinned(
    fleet: &Fleet,
    name: &str,
    pin: &Pin,
    bytes: &[u8],
) -> Result<Arc<dyn Policy>, Box<Finding>> {
    let digest = sha256(bytes);
    if digest != pin.sha256 {
        let message =
            format!("{} is not the file that {LOCK_FILE} pins: its sha256 is {digest}", pin.path);
        return Err(Box::new(
            codes::POLICY_DIGEST
                .finding(message)
                .at(pin.place.clone())
                .hint("if the change is meant, run `cmp policy lock`"),
        ));
    }
    fleet.world.policies.load(name, &digest, bytes).map_err(|mut finding| {
        finding.place = finding.place.or_else(|| pin.place.clone());
        finding
    })
}

fn unpinned(fleet: &Fleet, name: &str) -> Box<Finding> {
    let message = format!("policy `{name}` is not in {LOCK_FILE}");
    let finding = codes::POLICY_UNKNOWN.finding(message);
    let known = fleet.lock.policies.keys().map(String::as_str);
    Box::new(with_suggestion_or(finding, name, known, || {
        "put its .wasm into policies/ and run `cmp policy lock`".to_owned()
    }))
}
