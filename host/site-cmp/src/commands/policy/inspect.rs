//! `cmp policy inspect`: prints the description and contents of an artifact.

use std::path::PathBuf;

use clap::Args;
use policy_sandbox::{Inspection, inspect};
use serde_json::{Value, json};
use site_render::policy::{Description, Policies, Role, Scope};

use crate::codes;
use crate::exit::CommandError;
use crate::folder::read_named;
use crate::operator::Operator;
use crate::output::Console;
use crate::output_format::DocumentFormat;
use crate::report;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp policy inspect site-profiles/policies/worker-placement.wasm
  cmp policy inspect policy.wasm -o json | jq .settingsSchema
";

/// Show a policy: contract version, name, component, scopes, settings, imports, sizes, digest
///
/// The policy is called once, in the sandbox, to describe itself.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct InspectArgs {
    /// The .wasm file of the policy
    file: PathBuf,
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    output: DocumentFormat,
}

/// Prints the description and contents of an artifact.
pub(super) fn run(
    args: &InspectArgs,
    operator: &Operator,
    console: &Console,
) -> Result<(), CommandError> {
    let name = args.file.to_string_lossy();
    let artifact = read_named(&args.file, operator.limits.module_bytes)
        .map_err(|error| codes::POLICY_UNREADABLE.finding(format!("{name}: {error}")))?;
    let seen = inspect(&artifact)?;
    let stem = args.file.file_stem().unwrap_or_default().to_string_lossy();
    let policy = operator.sandbox()?.load(&stem, &seen.sha256, &artifact)?;
    let shown = describe(policy.description(), &seen);
    match args.output {
        DocumentFormat::Json => console.write(&report::to_json(&shown)),
        DocumentFormat::Yaml => console.write(&report::to_yaml(&shown)),
    }
}

fn describe(description: &Description, seen: &Inspection) -> Value {
    let scopes = description.scopes.iter().map(|scope| match scope {
        Scope::Site => "site",
        Scope::Global => "global",
    });
    let sections = seen.sections.iter();
    json!({
        "name": description.name,
        "version": description.version,
        "contract": seen.contract,
        "component": description.component,
        "role": match description.role {
            Role::Transform => "transform",
            Role::Check => "check",
        },
        "scopes": scopes.collect::<Vec<_>>(),
        "settingsSchema": description.settings_schema,
        "imports": seen.imports,
        "exports": seen.exports,
        "bytes": seen.bytes,
        "coreModules": seen.core_modules,
        "sections": sections
            .map(|section| json!({ "name": section.name, "bytes": section.bytes }))
            .collect::<Vec<_>>(),
        "sha256": seen.sha256,
        "source": seen.source,
    })
}
