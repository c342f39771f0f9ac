//! Schemas of environments and profiles with the parts that depend on a fleet: its components,
//! its sources and the settings of its pinned policies.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::builder::{Builder, Overrides};
use super::settings::{self, Pinned};
use crate::environment::{Component, Environment};
use crate::finding::Problems;
use crate::fleet::Fleet;
use crate::keys::{
    COMPONENT_OF_SITE, ENVIRONMENT, GLOBAL_POLICIES, Kind, POLICIES, PROFILE, PROFILE_POLICIES,
    SITE, Table,
};
use crate::policy::Scope;
use crate::value::Mapping;

/// Returns the schema of the environments of a fleet.
///
/// # Errors
/// A pinned policy that cannot be loaded.
pub fn environment(fleet: &Fleet) -> Result<Json, Problems> {
    let pinned = settings::load_pinned(fleet)?;
    let in_scope = |scope| settings::listed(&pinned, |policy| policy.scopes.contains(&scope));
    let overrides = Overrides::from([
        (POLICIES.path, in_scope(Scope::Site)),
        (GLOBAL_POLICIES.path, in_scope(Scope::Global)),
    ]);
    let builder = Builder { file: &ENVIRONMENT, overrides };
    Ok(builder.document(settings::definitions(&pinned)))
}

/// Returns the schema of the profiles of a fleet.
///
/// # Errors
/// A pinned policy or an environment that cannot be loaded.
pub fn profile(fleet: &Fleet) -> Result<Json, Problems> {
    let pinned = settings::load_pinned(fleet)?;
    let names = fleet.environments()?;
    let environments = names
        .iter()
        .map(|name| fleet.environments.get(name, None))
        .collect::<Result<Vec<_>, _>>()?;
    let mut builder = Builder { file: &PROFILE, overrides: Overrides::new() };
    let site = site(&builder, &environments, &pinned);
    builder.overrides.insert(SITE.path, site);
    let top = top(&builder, &environments);
    builder.overrides.insert(PROFILE.table.path, top);
    Ok(builder.document(settings::definitions(&pinned)))
}

/// Returns the schema of `site`, with each component that an environment has. Those of other
/// programs are valid too.
fn site(builder: &Builder<'_>, environments: &[Arc<Environment>], pinned: &[Pinned]) -> Json {
    let mut keywords = builder.table_keywords(&SITE);
    let components = environments.iter().flat_map(|environment| environment.components.values());
    for component in components {
        let own = component_of_site(builder, component, pinned);
        extend_properties(&mut keywords, [(component.name.to_string(), own)]);
    }
    Json::Object(keywords)
}

fn component_of_site(builder: &Builder<'_>, component: &Component, pinned: &[Pinned]) -> Json {
    let mut keywords = builder.table_keywords(&COMPONENT_OF_SITE);
    let policies = settings::listed(pinned, |policy| {
        policy.component == *component.name && policy.scopes.contains(&Scope::Site)
    });
    extend_properties(&mut keywords, [(last_key(&PROFILE_POLICIES), policies)]);
    let config_key = COMPONENT_OF_SITE.keys().find(|key| matches!(key.kind, Kind::TextOrTexts));
    if let (Some(slot), Some(key)) = (&component.config, config_key) {
        extend_properties(&mut keywords, [(slot.key.clone(), builder.key_schema(key))]);
    }
    keywords.insert("additionalProperties".to_owned(), json!(false));
    keywords.insert("type".to_owned(), json!(["object", "null"]));
    Json::Object(keywords)
}

/// Returns the schema of a whole profile. Its sources are those of the components, and a key
/// that an environment has in its `defaults` is known.
fn top(builder: &Builder<'_>, environments: &[Arc<Environment>]) -> Json {
    let mut keywords = builder.table_keywords(PROFILE.table);
    keywords.remove("patternProperties");
    for environment in environments {
        let defaults = environment.defaults.as_mapping().into_iter().flat_map(Mapping::keys);
        let unlisted = defaults.filter(|name| PROFILE.table.key(name).is_none());
        extend_properties(&mut keywords, unlisted.map(|name| (name.to_string(), json!({}))));
        let components = environment.components.values();
        for source in components.flat_map(|component| &component.sources) {
            for pattern in PROFILE.table.keys().filter(|key| key.is_pattern()) {
                let name = format!("{}{}", source.name, pattern.suffix());
                extend_properties(&mut keywords, [(name, builder.key_schema(pattern))]);
            }
        }
    }
    keywords.insert("additionalProperties".to_owned(), json!(false));
    Json::Object(keywords)
}

/// Adds properties to a schema; those that it has already are replaced.
fn extend_properties(
    keywords: &mut Map<String, Json>,
    more: impl IntoIterator<Item = (String, Json)>,
) {
    let properties = keywords.entry("properties").or_insert_with(|| json!({}));
    if let Json::Object(properties) = properties {
        properties.extend(more);
    }
}

/// Returns the last key of a table's path.
fn last_key(table: &Table) -> String {
    table.path.rsplit('.').next().unwrap_or_default().to_owned()
}
