//! `cmp policy inspect`: what an artifact is and says about itself.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use policy_sandbox::{Inspection, inspect};
use serde_json::{Value, json};
use site_render::origin::Origin;
use site_render::policy::{Description, Policies, Role, Scope};
use site_render::value::Node;
use site_render::{json as documents, yaml};

use crate::codes;
use crate::exit::Stop;
use crate::folder::read_named;
use crate::operator::Operator;
use crate::output::Console;
use crate::report;

const EXAMPLES: &str = "\
EXAMPLES:
  cmp policy inspect site-profiles/policies/worker-placement.wasm
  cmp policy inspect policy.wasm -o json | jq .settingsSchema
";

/// Show what a policy is: contract, name, gate, scopes, settings, imports, sizes, digest
///
/// Nothing is asked of the policy but to describe itself, inside the sandbox.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct InspectArgs {
    /// The artifact
    file: PathBuf,
    /// How to show it
    #[arg(short, long, value_name = "FORMAT", default_value = "yaml")]
    output: ShapeName,
}

/// How a policy is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ShapeName {
    /// For people
    Yaml,
    /// For programs
    Json,
}

/// Inspects.
pub(super) fn run(args: &InspectArgs, operator: &Operator, console: &Console) -> Result<(), Stop> {
    let name = args.file.to_string_lossy();
    let artifact = read_named(&args.file, operator.limits.module_bytes)
        .map_err(|error| codes::POLICY_UNREADABLE.finding(format!("{name}: {error}")))?;
    let seen = inspect(&artifact)?;
    let stem = args.file.file_stem().unwrap_or_default().to_string_lossy();
    let policy = operator.sandbox()?.load(&stem, &seen.sha256, &artifact)?;
    let shown = shown(policy.description(), &seen);
    match args.output {
        ShapeName::Json => console.write(&report::to_json(&shown)),
        ShapeName::Yaml => {
            let why = "what a policy says of itself";
            let value = documents::from_serde(&shown, &Origin::Built(why));
            console.write(&yaml::write(&Node::built(value, why), &|_, _| None))
        }
    }
}

fn shown(description: &Description, seen: &Inspection) -> Value {
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
