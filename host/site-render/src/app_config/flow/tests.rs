//! Tests of the data-flow analysis.

use super::super::Module;
use super::{Followed, follow_modules};

mod computed;
mod kept;
mod lost;
mod many;
mod memo;

const STAR: &str = "import os\nfrom web.settings import *\n";
const SHAPED: &str =
    "DATABASES['default'].setdefault('OPTIONS', {})['sslmode'] = os.environ['MODE']\n";

/// Follows `MODE` and `CA` through layers, into `DATABASES` and `BROKER`.
fn followed(layers: &[&str]) -> Followed {
    let read = |text: &&str| Module::read("layer.py", text.as_bytes()).unwrap();
    let modules: Vec<Module> = layers.iter().map(read).collect();
    let modules: Vec<&Module> = modules.iter().collect();
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    follow_modules(&modules, &names(&["MODE", "CA"]), &names(&["DATABASES", "BROKER"]))
}

/// Describes each loss: whether it is only possible, the setting, and layer and line of both
/// places.
fn lost(layers: &[&str]) -> Vec<String> {
    let followed = followed(layers);
    assert!(followed.whole);
    let place = |(layer, at): super::Spot| {
        let before = &layers[layer][..usize::from(at)];
        format!("{layer}:{}", before.matches('\n').count() + 1)
    };
    let losses = followed.losses.iter();
    losses
        .map(|loss| {
            let perhaps = if loss.perhaps { "perhaps " } else { "" };
            format!("{perhaps}{} {} {}", loss.setting, place(loss.shaped), place(loss.at))
        })
        .collect()
}

/// Returns the variables that shape nothing.
fn unused(layers: &[&str]) -> Vec<String> {
    followed(layers).unused
}
