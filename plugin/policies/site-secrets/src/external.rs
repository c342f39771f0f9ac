//! One `ExternalSecret`: where its values are kept and what becomes of them.

use policy_sdk::{Json, Plan, Request, Template};

use crate::settings::Store;

/// The API of External Secrets: `v1` is the one that 0.17 and later serve.
const API: &str = "external-secrets.io/v1";

/// Writes the objects of one site.
pub(crate) struct Writer<'w> {
    plan: &'w mut Plan,
    store: &'w Store,
    site: &'w str,
    environment: &'w str,
}

/// A value in the store, under the name that it has here.
pub(crate) struct Remote<'r> {
    /// The key of the Secret, or a template's variable.
    pub(crate) name: &'r str,
    pub(crate) key: &'r Template,
    /// Which part of what is kept there; empty for all of it.
    pub(crate) property: &'r str,
}

/// What the Secret is made of, where it is not simply what the store gives.
pub(crate) struct Blueprint<'b> {
    /// The Secret's type.
    pub(crate) kind: &'b str,
    /// Keys and their templates, in the language of External Secrets.
    pub(crate) data: &'b [(&'b str, &'b str)],
}

impl<'w> Writer<'w> {
    /// A writer for the site of this request.
    pub(crate) fn new(plan: &'w mut Plan, store: &'w Store, request: &'w Request) -> Self {
        Self { plan, store, site: &request.site, environment: &request.environment }
    }

    /// Adds a Secret of single values.
    pub(crate) fn values(
        &mut self,
        name: &str,
        blueprint: Option<&Blueprint>,
        values: &[Remote],
        reason: &str,
    ) {
        let data = values.iter().map(|value| self.value(value)).collect();
        self.add(name, blueprint, ("data", Json::List(data)), reason);
    }

    /// Adds a Secret of all that is kept under one key.
    pub(crate) fn everything(&mut self, name: &str, key: &Template, reason: &str) {
        let extract = Json::map([("key", key.fill(self.site, self.environment).into())]);
        let from = Json::List(vec![Json::map([("extract", extract)])]);
        self.add(name, None, ("dataFrom", from), reason);
    }

    fn value(&self, value: &Remote) -> Json {
        let key = value.key.fill(self.site, self.environment);
        let mut reference = vec![("key".to_owned(), key.into())];
        if !value.property.is_empty() {
            reference.push(("property".to_owned(), value.property.into()));
        }
        Json::map([("secretKey", value.name.into()), ("remoteRef", Json::Map(reference))])
    }

    fn add(
        &mut self,
        name: &str,
        blueprint: Option<&Blueprint>,
        (source, from): (&str, Json),
        reason: &str,
    ) {
        let store =
            Json::map([("name", (&*self.store.name).into()), ("kind", (&*self.store.kind).into())]);
        let mut target = vec![("name".to_owned(), name.into())];
        target.extend(blueprint.map(|blueprint| ("template".to_owned(), blueprint.json())));
        let spec = Json::map([
            ("refreshInterval", (&*self.store.refresh).into()),
            ("secretStoreRef", store),
            ("target", Json::Map(target)),
            (source, from),
        ]);
        self.plan.manifest(&Json::object(API, "ExternalSecret", name, spec), reason);
    }
}

impl Blueprint<'_> {
    fn json(&self) -> Json {
        let entries = self.data.iter().map(|&(key, text)| (key.to_owned(), text.into()));
        Json::map([("type", self.kind.into()), ("data", Json::Map(entries.collect()))])
    }
}
