//! What the operator of this machine decides: limits, where compiled code is kept, which
//! project may use which policy. Nothing in a fleet reaches any of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use etcetera::BaseStrategy;
use jsonnet_worker::Evaluator;
use policy_sandbox::{Compiler, Limits, Sandbox};
use site_render::finding::{Code, Fault, Finding};
use site_render::jsonnet::Jsonnet;
use site_render::policy::{Policies, Policy};
use site_render::{json, yaml};

use crate::codes;
use crate::exit::CommandError;
use crate::folder::read_named;
use crate::globals::Globals;
use crate::server_limits::ServerLimits;

/// A limits file is a page of numbers and names.
const LIMITS_BYTES: u64 = 1 << 20;

/// The word that makes this program its own compiler's child.
pub(crate) const COMPILE: &str = "__compile";

/// The word that makes it a worker that evaluates Jsonnet.
pub(crate) const JSONNET: &str = "__jsonnet";

/// The operator's decisions.
#[derive(Clone, Debug)]
pub(crate) struct Operator {
    /// What a policy may use.
    pub(crate) limits: Limits,
    /// What the server may use.
    pub(crate) server: ServerLimits,
    /// What Jsonnet may use.
    jsonnet: jsonnet_worker::Limits,
    cache: Option<PathBuf>,
}

impl Operator {
    /// Reads the limits file, if one is named.
    pub(crate) fn new(globals: &Globals) -> Result<Self, CommandError> {
        let Read { limits, server, jsonnet } = match globals.limits() {
            None => Read::default(),
            Some(file) => read_limits(&file)
                .map_err(|error| CommandError::from(error.blame(Fault::Environment)))?,
        };
        let cache = globals.cache_dir();
        Ok(Self { limits, server, jsonnet, cache })
    }

    /// Starts the sandbox; with a project, only for the policies that it may use.
    pub(crate) fn policies(
        &self,
        project: Option<&str>,
    ) -> Result<Arc<dyn Policies>, CommandError> {
        let sandbox = self.sandbox()?;
        let Some(project) = project else {
            return Ok(Arc::new(sandbox));
        };
        Ok(Arc::new(OfProject::new(sandbox, &self.limits, project)))
    }

    /// Starts the sandbox.
    pub(crate) fn sandbox(&self) -> Result<Sandbox, CommandError> {
        let cache = match &self.cache {
            Some(folder) => folder.clone(),
            None => default_cache()?,
        };
        self.sandbox_with(Some(cache))
    }

    /// The same for a server, which does without a cache folder where none was named: its
    /// container may have no folder to write to, and it compiles once in its life.
    pub(crate) fn sandbox_for_server(&self) -> Result<Sandbox, CommandError> {
        self.sandbox_with(self.cache.clone())
    }

    fn sandbox_with(&self, cache: Option<PathBuf>) -> Result<Sandbox, CommandError> {
        let program = this_program(&policy_sandbox::codes::POLICY_COMPILER)?;
        let compiler = Compiler::Child { program, args: vec![COMPILE.into()] };
        Ok(Sandbox::new(self.limits.clone(), cache, compiler)?)
    }

    /// Who evaluates Jsonnet; nothing starts before there is some.
    pub(crate) fn jsonnet(&self) -> Result<Arc<dyn Jsonnet>, CommandError> {
        let program = this_program(&jsonnet_worker::codes::JSONNET_WORKER)?;
        Ok(Arc::new(Evaluator::new(program, vec![JSONNET.into()], self.jsonnet.clone())))
    }
}

/// The program to start for work that nobody has to trust: this one.
fn this_program(code: &'static Code) -> Result<PathBuf, CommandError> {
    std::env::current_exe().map_err(|error| {
        CommandError::environment(code, format!("cannot find this program to start it: {error}"))
    })
}

/// Policies, those of them that one Argo CD project may use.
pub(crate) struct OfProject<P> {
    policies: P,
    limits: Limits,
    project: String,
}

impl<P> OfProject<P> {
    pub(crate) fn new(policies: P, limits: &Limits, project: &str) -> Self {
        Self { policies, limits: limits.clone(), project: project.to_owned() }
    }
}

impl<P: Policies> Policies for OfProject<P> {
    fn load(
        &self,
        name: &str,
        sha256: &str,
        artifact: &[u8],
    ) -> Result<Arc<dyn Policy>, Box<Finding>> {
        self.limits.permits(&self.project, name, sha256)?;
        self.policies.load(name, sha256, artifact)
    }
}

/// What a limits file says.
#[derive(Default)]
struct Read {
    limits: Limits,
    server: ServerLimits,
    jsonnet: jsonnet_worker::Limits,
}

fn read_limits(path: &Path) -> Result<Read, Finding> {
    let name = path.to_string_lossy();
    let refused = |message: String| {
        codes::OPERATOR_LIMITS.finding(message).hint("--limits or SITE_CMP_LIMITS names this file")
    };
    let bytes = read_named(path, LIMITS_BYTES)
        .map_err(|error| refused(format!("the limits file {name}: {error}")))?;
    let file = yaml::decode(&name, &bytes).map_err(|error| *error)?;
    let parsed = yaml::read(&file).map_err(|error| *error)?;
    let unlike = |error: serde_json::Error| refused(format!("the limits file {name}: {error}"));
    let mut root = json::to_serde(&parsed.root);
    if root.is_null() {
        // A file of comments changes nothing.
        root = serde_json::Value::Object(serde_json::Map::new());
    }
    // The sandbox knows nothing of a server, nor of Jsonnet.
    let mut block = |name| root.as_object_mut().and_then(|keys| keys.shift_remove(name));
    let (server, jsonnet) = (block("server"), block("jsonnet"));
    let server = server.map(serde_json::from_value).transpose().map_err(unlike)?;
    let jsonnet = jsonnet.map(serde_json::from_value).transpose().map_err(unlike)?;
    Ok(Read {
        limits: serde_json::from_value(root).map_err(unlike)?,
        server: server.unwrap_or_default(),
        jsonnet: jsonnet.unwrap_or_default(),
    })
}

fn default_cache() -> Result<PathBuf, CommandError> {
    let strategy = etcetera::choose_base_strategy().map_err(|error| {
        let message = format!("there is no cache folder: {error}");
        let finding = codes::POLICY_CACHE.finding(message);
        CommandError::from(
            finding.blame(Fault::Environment).hint("name one: --cache-dir or SITE_CMP_CACHE"),
        )
    })?;
    Ok(strategy.cache_dir().join("site-cmp").join("code"))
}
