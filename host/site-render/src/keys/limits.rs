//! A macro for a block of the operator's limits file: the struct, its defaults and its keys.

/// Defines a struct of limits that serde reads, and `KEYS`, its table of keys.
///
/// A line is a doc comment, which is also the key's meaning in the reference, then the field,
/// the name of its key, its type and its default.
#[macro_export]
macro_rules! limits {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $($(#[doc = $doc:literal])+ $field:ident $key:literal: $kind:ty = $default:expr;)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        $vis struct $name {
            $($(#[doc = $doc])+ #[serde(rename = $key)] $vis $field: $kind,)+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        /// The keys of the limits, with their defaults.
        $vis const KEYS: &[$crate::keys::Key] = &[
            $($crate::keys::Key {
                name: $key,
                kind: $crate::keys::Kind::Number,
                default: $crate::keys::Fallback::Number($default),
                meaning: concat!($($doc),+),
                example: "",
            },)+
        ];
    };
}
