//! The operator's decisions: limits, the cache folder of compiled code, and the policies that
//! each project may use. Nothing in a fleet can change them.

mod keys;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use etcetera::BaseStrategy;
use jsonnet_worker::Evaluator;
use policy_sandbox::{CodeStore, Compiler, Limits, Sandbox};
use site_render::charts::Charts;
use site_render::deploy_rules::DeployRules;
use site_render::finding::{Code, Fault, Finding};
use site_render::jsonnet::Jsonnet;
use site_render::policy::{Policies, Policy};
use site_render::{json, yaml};
use worker_process::Program;

pub use keys::LIMITS;

use crate::codes;
use crate::exit::CommandError;
use crate::folder::read_named;
use crate::globals::{Globals, variable};
use crate::helm::{ChosenBy, Helm, HelmLimits, HelmVariables};
use crate::render_limits::RenderLimits;
use crate::server_limits::ServerLimits;

/// The largest limits file, in bytes. A real one is a page of numbers and names.
const MAX_LIMITS_BYTES: u64 = 1 << 20;

/// The first argument of the child process that compiles policies.
pub(crate) const COMPILE: &str = "__compile";

/// The first argument of the child process that evaluates Jsonnet.
pub(crate) const JSONNET: &str = "__jsonnet";

/// The first argument of the process that becomes helm.
pub(crate) const HELM: &str = "__helm";

/// The first argument of the process in which the server renders.
pub(crate) const RENDER: &str = "__render";

/// The operator's decisions.
#[derive(Clone, Debug)]
pub(crate) struct Operator {
    /// The limits of policies.
    pub(crate) limits: Limits,
    /// The limits of the server.
    pub(crate) server: ServerLimits,
    /// The limits of one render.
    pub(crate) render: RenderLimits,
    /// The rules on the things that a fleet may deploy.
    pub(crate) deploy: DeployRules,
    /// The name and the text of the limits file.
    pub(crate) text: Option<(String, Vec<u8>)>,
    jsonnet: jsonnet_worker::Limits,
    helm: HelmLimits,
    cache: Option<PathBuf>,
}

impl Operator {
    /// Reads the limits file, if one is named.
    pub(crate) fn new(globals: &Globals) -> Result<Self, CommandError> {
        let environment = |error: Finding| CommandError::from(error.blame(Fault::Environment));
        let text =
            globals.limits().map(|file| read_text(&file)).transpose().map_err(environment)?;
        let operator = Self::with_text(text).map_err(environment)?;
        Ok(Self { cache: globals.cache_dir(), ..operator })
    }

    /// Reads the limits that the server has read, for a process that it started.
    pub(crate) fn for_worker(text: Option<&(String, Vec<u8>)>) -> Result<Self, CommandError> {
        Ok(Self::with_text(text.cloned())?)
    }

    fn with_text(text: Option<(String, Vec<u8>)>) -> Result<Self, Finding> {
        let parsed = text.as_ref().map(|(name, bytes)| parse_limits(name, bytes)).transpose()?;
        let LimitsFile { limits, server, render, deploy, jsonnet, helm } =
            parsed.unwrap_or_default();
        Ok(Self { limits, server, render, deploy, text, jsonnet, helm, cache: None })
    }

    /// Starts the sandbox. With a project, it loads only the policies that the project may use.
    pub(crate) fn policies(
        &self,
        project: Option<&str>,
    ) -> Result<Arc<dyn Policies>, CommandError> {
        let sandbox = self.sandbox()?;
        let Some(project) = project else {
            return Ok(Arc::new(sandbox));
        };
        Ok(Arc::new(ProjectPolicies::new(sandbox, &self.limits, project)))
    }

    /// Starts the sandbox.
    pub(crate) fn sandbox(&self) -> Result<Sandbox, CommandError> {
        let cache = match &self.cache {
            Some(folder) => folder.clone(),
            None => default_cache()?,
        };
        Ok(Sandbox::new(self.limits.clone(), Some(cache), compiler()?)?)
    }

    /// Opens the compiled code of a server. Without `--cache-dir` it has no cache folder: its
    /// container may have no writable folder, and it compiles each policy only once.
    pub(crate) fn code_store(&self) -> Result<CodeStore, CommandError> {
        Ok(CodeStore::open(self.limits.clone(), self.cache.clone(), compiler()?)?)
    }

    /// Returns the evaluator of Jsonnet, which starts its workers at their first use.
    pub(crate) fn jsonnet(&self) -> Result<Arc<dyn Jsonnet>, CommandError> {
        let program = program_path(&jsonnet_worker::codes::JSONNET_WORKER)?;
        Ok(Arc::new(Evaluator::new(program, vec![JSONNET.into()], self.jsonnet.clone())))
    }

    /// Returns the program that renders charts: the named one, else that of `SITE_CMP_HELM`, else
    /// the `helm` on `PATH`.
    pub(crate) fn charts(
        &self,
        named: Option<PathBuf>,
        chosen_by: ChosenBy,
    ) -> Result<Arc<dyn Charts>, CommandError> {
        let named = named.or_else(|| variable("SITE_CMP_HELM").map(PathBuf::from));
        self.charts_with(named, chosen_by, self.helm_variables())
    }

    /// Returns the same with the variables of another process.
    pub(crate) fn charts_with(
        &self,
        named: Option<PathBuf>,
        chosen_by: ChosenBy,
        variables: HelmVariables,
    ) -> Result<Arc<dyn Charts>, CommandError> {
        let launcher = (program_path(&codes::EMIT_HELM_MISSING)?, HELM);
        Ok(Arc::new(Helm::new(named, launcher, chosen_by, self.helm.clone(), variables)))
    }

    /// Returns the variables of this process that helm may get.
    pub(crate) fn helm_variables(&self) -> HelmVariables {
        self.helm.variables()
    }
}

/// Returns the program of the processes in which the server renders.
pub(crate) fn render_program() -> Result<Program, CommandError> {
    let path = program_path(&codes::RENDER_WORKER)?;
    Ok(Program { path, args: vec![RENDER.into()] })
}

/// Returns the compiler, which is this program in a process of its own.
fn compiler() -> Result<Compiler, CommandError> {
    let program = program_path(&policy_sandbox::codes::POLICY_COMPILER)?;
    Ok(Compiler::Child { program, args: vec![COMPILE.into()] })
}

/// Returns the path of this program, which is started again for untrusted work.
fn program_path(code: &'static Code) -> Result<PathBuf, CommandError> {
    std::env::current_exe().map_err(|error| {
        CommandError::environment(code, format!("cannot find this program to start it: {error}"))
    })
}

/// The policies that one Argo CD project may use.
pub(crate) struct ProjectPolicies<P> {
    policies: P,
    limits: Limits,
    project: String,
}

impl<P> ProjectPolicies<P> {
    pub(crate) fn new(policies: P, limits: &Limits, project: &str) -> Self {
        Self { policies, limits: limits.clone(), project: project.to_owned() }
    }
}

impl<P: Policies> Policies for ProjectPolicies<P> {
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

/// The content of a limits file.
#[derive(Default)]
struct LimitsFile {
    limits: Limits,
    server: ServerLimits,
    render: RenderLimits,
    deploy: DeployRules,
    jsonnet: jsonnet_worker::Limits,
    helm: HelmLimits,
}

/// Returns the name and the text of a limits file.
fn read_text(path: &Path) -> Result<(String, Vec<u8>), Finding> {
    let name = path.to_string_lossy().into_owned();
    let bytes = read_named(path, MAX_LIMITS_BYTES)
        .map_err(|error| invalid(format!("the limits file {name}: {error}")))?;
    Ok((name, bytes))
}

fn invalid(message: String) -> Finding {
    codes::OPERATOR_LIMITS.finding(message).hint("--limits or SITE_CMP_LIMITS names this file")
}

fn parse_limits(name: &str, bytes: &[u8]) -> Result<LimitsFile, Finding> {
    let file = yaml::decode(name, bytes).map_err(|error| *error)?;
    let parsed = yaml::read(&file).map_err(|error| *error)?;
    let misfit = |error: serde_json::Error| invalid(format!("the limits file {name}: {error}"));
    let mut root = json::to_serde(&parsed.root);
    if root.is_null() {
        // A file that contains only comments is an empty file.
        root = serde_json::Value::Object(serde_json::Map::new());
    }
    // The sandbox rejects unknown keys, so the blocks of other crates are taken out first.
    let mut block = |name| root.as_object_mut().and_then(|keys| keys.shift_remove(name));
    let (server, render, jsonnet) = (block("server"), block("render"), block("jsonnet"));
    let (deploy, helm) = (block("deploy"), block("helm"));
    let deploy = deploy.map(serde_json::from_value).transpose().map_err(misfit)?;
    let server = server.map(serde_json::from_value).transpose().map_err(misfit)?;
    let render = render.map(serde_json::from_value).transpose().map_err(misfit)?;
    let jsonnet = jsonnet.map(serde_json::from_value).transpose().map_err(misfit)?;
    let helm: Option<HelmLimits> = helm.map(serde_json::from_value).transpose().map_err(misfit)?;
    let helm = helm.unwrap_or_default().normalized();
    Ok(LimitsFile {
        limits: serde_json::from_value(root).map_err(misfit)?,
        server: server.unwrap_or_default(),
        render: render.unwrap_or_default(),
        deploy: deploy.unwrap_or_default(),
        jsonnet: jsonnet.unwrap_or_default(),
        helm: helm.map_err(|why| invalid(format!("the limits file {name}: {why}")))?,
    })
}

/// Returns the folder of compiled code in the user's cache folder. The user's own links are
/// resolved here, because the sandbox follows none.
fn default_cache() -> Result<PathBuf, CommandError> {
    let strategy = etcetera::choose_base_strategy().map_err(|error| {
        let message = format!("cannot find a cache folder: {error}");
        let finding = codes::POLICY_CACHE.finding(message);
        CommandError::from(
            finding.blame(Fault::Environment).hint("set --cache-dir or SITE_CMP_CACHE"),
        )
    })?;
    let folder = strategy.cache_dir();
    Ok(folder.canonicalize().unwrap_or(folder).join("site-cmp").join("code"))
}
