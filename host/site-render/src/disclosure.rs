//! Decides what may be shown of a value, of a text and of a line of a file. Every message, log
//! line, announcement and report of the product goes through this module.
//!
//! It hides, and shows [`HIDDEN`] instead, also where a text is escaped (`escapes`):
//! - the value of a key that names a secret, in any style of spelling (`key_names`), also within
//!   a text, a source line, or lines below the key;
//! - credentials in URLs, and a token in place of the user (`url_credentials`);
//! - tokens of known issuers, signed tokens and private keys (`token_shapes`, `private_keys`);
//! - the values of options of commands: `--password VALUE` (`command_options`), and of commands,
//!   statements and elements: `ENV DB_PASSWORD VALUE` (`spaced_values`);
//! - in the message of a finding, each value that is hidden in the file of its place.
//!
//! A text is shortened by [`clip_text`] alone, which hides first: a cut may split a secret.
//!
//! References to secrets are shown: `$(VAR)`, `{{ ... }}`, `existingSecret`, `secretKeyRef`. The
//! documents of a render are its product and are never changed; values that are secrets are
//! rejected there.

mod assignments;
mod beside_names;
mod clip;
mod code_items;
mod code_lines;
pub(crate) mod command_options;
mod escapes;
pub(crate) mod key_names;
pub(crate) mod known_values;
pub(crate) mod literals;
pub(crate) mod marks;
mod pairs;
mod private_keys;
mod repeated_by;
pub(crate) mod secret_nodes;
mod shown_data;
pub(crate) mod shown_line;
pub(crate) mod shown_text;
mod shown_values;
pub(crate) mod source_text;
mod spaced_values;
mod templates;
mod text_end;
mod token_prefixes;
pub(crate) mod token_shapes;
pub(crate) mod url_credentials;
mod value_end;
mod yaml_values;

pub(crate) use clip::MARGIN as CLIP_MARGIN;
pub use clip::clip_text;
pub(crate) use repeated_by::RepeatedBy;
pub(crate) use secret_nodes::{is_secret_at, known_secrets, may_be_secret_at};
pub use shown_data::shown_data;
pub(crate) use shown_data::shown_of_schema;
pub use shown_line::ShownLine;
pub use shown_text::{HIDDEN, shown_text};
pub(crate) use shown_values::{shown_json, shown_json_clipped, shown_lines, shown_node};
pub use source_text::shown_file;
