//! Three layers of a config, parsed and merged: the bar is 500 µs for layers of 22 KB.
//!
//! `parsed_before` is what a site costs whose layers were parsed for another site. Twice the
//! size may cost twice the time.

use std::fmt::Write as _;
use std::sync::Arc;

use divan::Bencher;
use site_render::app_config::{ConfigLayer, Module, merge_layers};

fn main() {
    divan::main();
}

/// A layer of about so many bytes, as configurations are: imports, settings, conditions.
fn layer(number: usize, bytes: usize) -> String {
    let mut text = String::from("import os\n\nfrom web.settings import *  # noqa: F403\n\n");
    let mut count = 0;
    while text.len() < bytes {
        let _ = write!(
            text,
            "# What the setting is for, in a line or two.\nSETTING_{number}_{count} = os.environ.get(\"SETTING_{count}\", \"\")\n\
             if SETTING_{number}_{count}:\n    OPTIONS_{number}_{count} = {{\"mode\": SETTING_{number}_{count}, \"files\": [\"/etc/a.crt\", f\"{{A}}/b.key\"]}}\n\n"
        );
        count += 1;
    }
    text
}

fn parsed(texts: &[String]) -> Vec<ConfigLayer> {
    let layers = texts.iter().enumerate().map(|(number, text)| {
        let name = format!("layer-{number}.py");
        let module = Module::read(&name, text.as_bytes()).expect("a layer");
        ConfigLayer { reference: format!("$deploy/{name}"), module: Arc::new(module) }
    });
    layers.collect()
}

fn texts(kilobytes: usize) -> Vec<String> {
    (0..3).map(|number| layer(number, kilobytes * 1000)).collect()
}

#[divan::bench(args = [11, 22, 44, 88])]
fn three_layers(bencher: Bencher, kilobytes: usize) {
    let texts = texts(kilobytes);
    bencher.bench_local(|| merge_layers(&parsed(&texts)).expect("a merge"));
}

#[divan::bench(args = [11, 22, 44, 88])]
fn parsed_before(bencher: Bencher, kilobytes: usize) {
    let layers = parsed(&texts(kilobytes));
    bencher.bench_local(|| merge_layers(&layers).expect("a merge"));
}
