//! Writes an `ExternalSecret`: the remote keys of its values, and the Secret that they become.

use policy_sdk::{Json, Plan, Request, Template};

use crate::settings::Store;

/// The API version of External Secrets, which 0.17 and later serve.
const API: &str = "external-secrets.io/v1";

/// A writer of the `ExternalSecret`s of one site.
pub(crate) struct Writer<'w> {
    plan: &'w mut Plan,
    store: &'w Store,
    site: &'w str,
    environment: &'w str,
}

/// A value in the store, and its name in the Secret.
pub(crate) struct Remote<'r> {
    /// The key in the Secret, or the variable of its template.
    pub(crate) name: &'r str,
    /// The key in the store.
    pub(crate) key: &'r Template,
    /// The property of the remote key; empty for all of them.
    pub(crate) property: &'r str,
}

/// A template of the Secret, where it differs from the values of the store.
pub(crate) struct Blueprint<'b> {
    /// The Secret's type.
    pub(crate) kind: &'b str,
    /// Keys of the Secret and their templates, in the language of External Secrets.
    pub(crate) data: &'b [(&'b str, &'b str)],
}

impl<'w> Writer<'w> {
    /// Returns a writer for the site of a request.
    pub(crate) fn new(plan: &'w mut Plan, store: &'w Store, request: &'w Request) -> Self {
        Self { plan, store, site: &request.site, environment: &request.environment }
    }

    /// Adds a Secret of single values.
    pub(crate) fn add_values(
        &mut self,
        name: &str,
        blueprint: Option<&Blueprint>,
        values: &[Remote],
        reason: &str,
    ) {
        let data = values.iter().map(|value| self.remote_ref(value)).collect();
        self.add_secret(name, blueprint, ("data", Json::List(data)), reason);
    }

    /// Adds a Secret of all properties of one remote key.
    pub(crate) fn add_all_properties(&mut self, name: &str, key: &Template, reason: &str) {
        let extract = Json::map([("key", key.fill(self.site, self.environment).into())]);
        let from = Json::List(vec![Json::map([("extract", extract)])]);
        self.add_secret(name, None, ("dataFrom", from), reason);
    }

    fn remote_ref(&self, value: &Remote) -> Json {
        let key = value.key.fill(self.site, self.environment);
        let mut reference = vec![("key".to_owned(), key.into())];
        if !value.property.is_empty() {
            reference.push(("property".to_owned(), value.property.into()));
        }
        Json::map([("secretKey", value.name.into()), ("remoteRef", Json::Map(reference))])
    }

    fn add_secret(
        &mut self,
        name: &str,
        blueprint: Option<&Blueprint>,
        (source, from): (&str, Json),
        reason: &str,
    ) {
        let store =
            Json::map([("name", (&*self.store.name).into()), ("kind", (&*self.store.kind).into())]);
        let mut target = vec![("name".to_owned(), name.into())];
        target.extend(blueprint.map(|blueprint| ("template".to_owned(), blueprint.to_json())));
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
    fn to_json(&self) -> Json {
        let entries = self.data.iter().map(|&(key, text)| (key.to_owned(), text.into()));
        Json::map([("type", self.kind.into()), ("data", Json::Map(entries.collect()))])
    }
}
