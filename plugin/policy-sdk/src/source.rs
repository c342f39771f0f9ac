//! Sources of documents: the host on WASM, any other type in native tests.

use std::rc::Rc;
use std::sync::Arc;

use crate::Kind;

/// A source of a document's values: the host, or any JSON in tests.
///
/// Every function takes a JSON Pointer; `plugin/wit/v1/policy.wit` defines the results.
pub trait Source {
    /// Returns the value as JSON text.
    fn get(&self, path: &str) -> Option<String>;
    /// Returns a scalar as text.
    fn text(&self, path: &str) -> Option<String>;
    /// Returns the keys of a map, in order.
    fn keys(&self, path: &str) -> Vec<String>;
    /// Returns the length of a list or map.
    fn size(&self, path: &str) -> u32;
    /// Returns the kind of the value.
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
