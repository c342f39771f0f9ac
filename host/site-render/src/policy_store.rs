//! The policies of a fleet, loaded by the path and the sha256 that its lock pins, and no
//! other way.

use std::sync::Arc;

use crate::codes;
use crate::fields::with_suggestion_or;
use crate::finding::{Code, Finding};
use crate::lock::{LOCK_FILE, Lock, Pin};
use crate::memo::Memo;
use crate::origin::Location;
use crate::policy::Policy;
use crate::schema::Schema;
use crate::sources::ReadError;
use crate::world::World;

/// The largest artifact that is read, in bytes: the wide tier's module with room.
/// The sandbox decides how large a policy may be to run.
const MAX_ARTIFACT: u64 = 128 << 20;

/// A policy that is loaded and ready to call, and the compiled schema of its settings.
pub(crate) struct LoadedPolicy {
    pub(crate) policy: Arc<dyn Policy>,
    pub(crate) settings: Arc<Schema>,
}

/// The policies that a fleet's lock pins, with a cache of those that are loaded.
pub(crate) struct PolicyStore {
    pub(crate) lock: Lock,
    world: World,
    cache: Memo<LoadedPolicy>,
}

impl PolicyStore {
    /// Returns the policies of a lock, whose artifacts are in the world's tree.
    pub(crate) fn new(world: World, lock: Lock) -> Self {
        Self { lock, world, cache: Memo::default() }
    }

    /// Returns a policy of the lock; `place` is the line that names it.
    pub(crate) fn get(
        &self,
        name: &str,
        place: Option<Location>,
    ) -> Result<Arc<LoadedPolicy>, Box<Finding>> {
        self.cache.get_or_load(name, || self.load(name)).map_err(|mut finding| {
            finding.place = finding.place.or(place);
            finding
        })
    }

    /// Loads a policy and compiles the schema of its settings.
    fn load(&self, name: &str) -> Result<LoadedPolicy, Box<Finding>> {
        let pin = self.lock.policies.get(name).ok_or_else(|| self.unpinned_error(name))?;
        let refused = |code: &'static Code, message: String| {
            Box::new(code.finding(message).at(pin.place.clone()))
        };
        let bytes =
            self.world.tree.read(&pin.path, MAX_ARTIFACT).map_err(|error| {
                ReadError::Tree(error).into_finding(&pin.path, pin.place.clone())
            })?;
        let policy = self.load_pinned(name, pin, &bytes)?;
        let described = policy.description();
        if described.name != name {
            let message = format!(
                "the name of policy {} is `{}`, but {LOCK_FILE} pins it as `{name}`",
                pin.path, described.name
            );
            return Err(refused(&codes::POLICY_NAME, message));
        }
        let settings = described.compiled_schema().map_err(|error| {
            let message = format!("policy `{name}` has an invalid settings schema: {error}");
            refused(&codes::POLICY_SCHEMA, message)
        })?;
        Ok(LoadedPolicy { policy, settings })
    }

    /// Loads the policy in an artifact, if the artifact is the pinned one.
    fn load_pinned(
        &self,
        name: &str,
        pin: &Pin,
        bytes: &[u8],
    ) -> Result<Arc<dyn Policy>, Box<Finding>> {
        let digest = self.world.known.sha256(bytes);
        if digest != pin.sha256 {
            let message = format!(
                "{} is not the file that {LOCK_FILE} pins: its sha256 is {digest}",
                pin.path
            );
            return Err(Box::new(
                codes::POLICY_DIGEST
                    .finding(message)
                    .at(pin.place.clone())
                    .hint("if the change is intended, run `cmp policy lock`"),
            ));
        }
        self.world.progress.begin_wait();
        let loaded = self.world.policies.load(name, &digest, bytes);
        self.world.progress.end_wait();
        loaded.map_err(|mut finding| {
            finding.place = finding.place.or_else(|| pin.place.clone());
            finding
        })
    }

    /// Returns the error for a policy that the lock does not pin.
    fn unpinned_error(&self, name: &str) -> Box<Finding> {
        let message = format!("policy `{name}` is not in {LOCK_FILE}");
        let finding = codes::POLICY_UNKNOWN.finding(message);
        let known = self.lock.policies.keys().map(String::as_str);
        Box::new(with_suggestion_or(finding, name, known, || {
            "put its .wasm into policies/ and run `cmp policy lock`".to_owned()
        }))
    }
}
