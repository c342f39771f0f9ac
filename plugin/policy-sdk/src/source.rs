//! Where documents come from: the host's own on WASM, any type that answers natively.

use std::rc::Rc;
use std::sync::Arc;

use crate::Kind;

/// Where a document's values come from: the host, or in tests any JSON.
///
/// Every function takes a JSON Pointer; see `plugin/wit/v1/policy.wit` for what each
/// answers.
pub trait Source {
    /// The value as JSON text.
    fn get(&self, path: &str) -> Option<String>;
    /// A scalar as text.
    fn text(&self, path: &str) -> Option<String>;
    /// The keys of a mapping, in order.
    fn keys(&self, path: &str) -> Vec<String>;
    /// The length of a sequence or mapping.
    fn size(&self, path: &str) -> u32;
    /// What stands there.
    fn kind(&self, path: &str) -> Kind;
}

macro_rules! shared_source {
    ($shared:ident) => {
        impl<S: Source + ?Sized> Source for $shared<S> {
            fn get(&self, path: &str) -> Option<String> {
                (**self).get(path)
            }

            fn text(&self, path: &str) -> Option<String> {
                (**self).text(path)
            }

            fn keys(&self, path: &str) -> Vec<String> {
                (**self).keys(path)
            }

            fn size(&self, path: &str) -> u32 {
                (**self).size(path)
            }

            fn kind(&self, path: &str) -> Kind {
                (**self).kind(path)
            }
        }
    };
}

shared_source!(Rc);
shared_source!(Arc);
