//! The standard library, with functions of go-jsonnet 0.22 where those of jrsonnet return other values:
//! `std.parseYaml` reads YAML as Go does (`0400` is 256, and `---` before one document makes a list),
//! `std.parseJson` reads numbers, and `std.escapeStringJson` takes any value.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use jrsonnet_evaluator::function::{CallLocation, builtin};
use jrsonnet_evaluator::trace::PathResolver;
use jrsonnet_evaluator::{
    ContextInitializer, IStr, InitialContextBuilder, ObjValue, ObjValueBuilder, Result, Thunk, Val,
    error,
};
use jrsonnet_gcmodule::{Acyclic, Cc, Trace};
use jrsonnet_ir::{NumValue, Source};
use jrsonnet_stdlib::{Settings, TracePrinter, stdlib_uncached};
use site_render::json::from_serde;
use site_render::origin::{Origin, SourceFile};
use site_render::value::{Node, Value};
use site_render::yaml;

/// Discards the output of `std.trace`.
#[derive(Acyclic)]
struct DiscardTrace;

impl TracePrinter for DiscardTrace {
    fn print_trace(&self, _: CallLocation<'_>, _: IStr) {}
}

/// Binds `std` for each file.
#[derive(Trace)]
pub(crate) struct Library {
    /// `std` without `thisFile`.
    std: ObjValue,
}

impl Library {
    /// Returns the library without external variables and native functions.
    pub(crate) fn new() -> Self {
        let settings = Settings {
            ext_vars: HashMap::new(),
            ext_natives: HashMap::new(),
            trace_printer: Rc::new(DiscardTrace),
            path_resolver: PathResolver::Absolute,
        };
        let mut std = ObjValueBuilder::new();
        std.with_super(stdlib_uncached(Cc::new(RefCell::new(settings))));
        std.method("parseYaml", parse_yaml::default());
        std.method("parseJson", parse_json::default());
        std.method("escapeStringJson", escape_string_json::default());
        Self { std: std.build() }
    }
}

impl ContextInitializer for Library {
    fn populate(&self, source: Source, builder: &mut InitialContextBuilder) {
        let path = source.source_path();
        let this_file = match path.path() {
            Some(file) => PathResolver::Absolute.resolve(file),
            None => path.to_string(),
        };
        let mut std = ObjValueBuilder::new();
        std.with_super(self.std.clone());
        std.field("thisFile").hide().value(this_file);
        builder.bind("std", Thunk::evaluated(Val::Obj(std.build())));
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[builtin]
#[allow(non_camel_case_types, clippy::needless_pass_by_value, reason = "the macro's form")]
fn parse_yaml(str: IStr) -> Result<Val> {
    let (documents, is_stream) = documents_of(&str);
    let mut values = Vec::new();
    for document in documents {
        let file = Arc::new(SourceFile::new("YAML", document));
        let read = yaml::read_first(&file);
        let root = read.map_err(|why| error!("failed to parse YAML: {}", why.message))?;
        values.push(to_value(&root.value)?);
    }
    match values.len() {
        0 => Ok(Val::Null),
        1 if !is_stream => Ok(values.remove(0)),
        _ => Ok(Val::Arr(values.into())),
    }
}

#[builtin]
#[allow(non_camel_case_types, clippy::needless_pass_by_value, reason = "the macro's form")]
fn parse_json(str: IStr) -> Result<Val> {
    // With numbers of any precision, serde passes a number as a mapping to other types than its own.
    let json = serde_json::from_str(&str).map_err(|why| error!("failed to parse json: {why}"))?;
    to_value(&from_serde(&json, &Origin::Built("JSON")))
}

#[builtin]
#[allow(non_camel_case_types, clippy::needless_pass_by_value, reason = "the macro's form")]
fn escape_string_json(str_: Val) -> Result<String> {
    let mut escaped = String::from('"');
    for c in str_.to_string()?.chars() {
        match c {
            '"' | '\\' => escaped.extend(['\\', c]),
            '\u{8}' => escaped.push_str("\\b"),
            '\u{c}' => escaped.push_str("\\f"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            c if c.is_control() => {
                let code = format!("\\u{:04x}", u32::from(c));
                escaped.push_str(&code);
            }
            c => escaped.push(c),
        }
    }
    escaped.push('"');
    Ok(escaped)
}

/// Splits a text at lines of `---`, as go-jsonnet 0.22 does: such a line makes the text a stream, and
/// it belongs to the document after it.
fn documents_of(text: &str) -> (Vec<String>, bool) {
    let is_marker = |line: &str| {
        let rest = line.strip_prefix("---");
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['\n', ' ', '\t']))
    };
    let (mut documents, mut is_stream) = (Vec::new(), false);
    let mut document = String::new();
    for line in text.split_inclusive('\n') {
        if is_marker(line) {
            is_stream = true;
            if !document.is_empty() {
                documents.push(std::mem::take(&mut document));
            }
        }
        document.push_str(line);
    }
    if !document.is_empty() {
        documents.push(document);
    }
    (documents, is_stream)
}

fn to_value(value: &Value) -> Result<Val> {
    let below = |node: &Node| to_value(&node.value);
    Ok(match value {
        Value::Null => Val::Null,
        Value::Bool(flag) => Val::Bool(*flag),
        Value::Number(text) => {
            let number = text.parse::<f64>().ok().and_then(NumValue::new);
            Val::Num(number.ok_or_else(|| error!("{text} is not a number of Jsonnet"))?)
        }
        Value::Text(text) => Val::string(&**text),
        Value::Sequence(items) => {
            Val::Arr(items.iter().map(below).collect::<Result<Vec<_>>>()?.into())
        }
        Value::Mapping(mapping) => {
            let mut object = ObjValueBuilder::new();
            for (key, child) in &**mapping {
                object.field(&**key).value(below(child)?);
            }
            Val::Obj(object.build())
        }
    })
}
