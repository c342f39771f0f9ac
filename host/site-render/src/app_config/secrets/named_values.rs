//! Decides whether the value of a name that marks a secret is a literal.

use ruff_python_ast::{Expr, ExprCall};
use serde_json::Value as Json;

use super::constant::Scope;
use crate::disclosure::key_names::is_certain;
use crate::disclosure::literals::{is_literal, is_variable_name};

/// Functions and methods whose further arguments are default values.
const READERS: &[&str] =
    &["config", "env", "get", "getenv", "get_env", "pop", "setdefault", "str", "getattr"];

/// Names of the argument that is a default value.
const DEFAULTS: &[&str] = &["default", "fallback", "default_value"];

/// The minimum length of a literal that is suspicious as a part of a value, in bytes.
const PART: usize = 6;

/// Returns whether a value is a literal, or may be one: by a default value, or a choice.
pub(super) fn holds_literal(scope: Scope<'_>, value: &Expr) -> bool {
    // A mapping below a secret's name refers to it: its own keys are checked.
    if matches!(value, Expr::Dict(_)) {
        return false;
    }
    if let Some(constant) = scope.fold(value) {
        let text = constant.text.trim_matches('\0');
        return constant.has_text && is_literal(text) && !is_variable_name(text);
    }
    let below = |value: &Expr| holds_literal(scope, value);
    match value {
        Expr::BoolOp(choice) => choice.values.iter().any(below),
        Expr::If(choice) => below(&choice.body) || below(&choice.orelse),
        Expr::Named(named) => below(&named.value),
        Expr::Lambda(lambda) => below(&lambda.body),
        Expr::BinOp(operation) => {
            has_secret_part(scope, &operation.left) || has_secret_part(scope, &operation.right)
        }
        Expr::FString(text) => text.value.elements().any(|element| {
            element.as_literal().is_some_and(|literal| is_secret_part(&literal.value))
        }),
        Expr::Call(call) => default_values(call).any(below),
        _ => false,
    }
}

/// Returns whether a part of a value is a constant that may be most of a secret.
fn has_secret_part(scope: Scope<'_>, part: &Expr) -> bool {
    match scope.fold(part) {
        Some(constant) => constant.has_text && is_secret_part(&constant.text),
        None => matches!(part, Expr::BinOp(_)) && holds_literal(scope, part),
    }
}

fn is_secret_part(text: &str) -> bool {
    let has = |test: fn(&u8) -> bool| text.as_bytes().iter().any(test);
    text.len() >= PART
        && is_literal(text)
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && !text.contains(['/', ' '])
}

/// Returns the default values that a call passes to a reader of variables or mappings.
fn default_values(call: &ExprCall) -> impl Iterator<Item = &Expr> {
    let name = match &*call.func {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(method) => method.attr.as_str(),
        _ => "",
    };
    let skipped = match name {
        "getattr" => 2,
        name if READERS.contains(&name) => 1,
        _ => usize::MAX,
    };
    let named = call.arguments.keywords.iter().filter(|keyword| {
        keyword.arg.as_ref().is_some_and(|name| DEFAULTS.contains(&name.as_str()))
    });
    let positional = call.arguments.args.iter().skip(skipped);
    positional.chain(named.map(|keyword| &keyword.value))
}

/// Returns pairs of names and values among the arguments of a call: `getenv("NAME", "value")`,
/// `setattr(x, "NAME", "value")`, `dict([("NAME", "value")])`.
pub(super) fn named_pairs(call: &ExprCall) -> Vec<(&Expr, &Expr)> {
    let pair = |items: &'_ [Expr]| matches!(items, [_, _]);
    let mut pairs = Vec::new();
    match &call.arguments.args[..] {
        [name, value, rest @ ..] => {
            pairs.push((name, value));
            pairs.extend(rest.first().map(|second| (value, second)));
        }
        [Expr::List(list)] => {
            let tuples = list.elts.iter().filter_map(Expr::as_tuple_expr);
            let tuples = tuples.filter(|tuple| pair(&tuple.elts));
            pairs.extend(tuples.map(|tuple| (&tuple.elts[0], &tuple.elts[1])));
        }
        _ => {}
    }
    // Only a name in quotes is the name of a value: `f(password, "x")` reads a variable.
    pairs.retain(|(name, _)| !matches!(name, Expr::Name(_)));
    pairs
}

/// Returns whether a text such as `host=h password=p` has a password.
pub(super) fn has_named_password(text: &str) -> bool {
    let split = |c: char| c.is_whitespace() || matches!(c, ';' | '&' | '?');
    !text.contains('\n')
        && text.split(split).filter_map(|part| part.split_once('=')).any(|(key, value)| {
            let starts = value.starts_with(|c: char| c.is_ascii_alphanumeric());
            starts && is_certain(key) && !is_variable_name(value)
        })
}

/// Returns whether a text is JSON that has a literal below the name of a secret.
pub(super) fn has_json_secret(text: &str) -> bool {
    fn check(value: &Json) -> bool {
        match value {
            Json::Object(entries) => entries.iter().any(|(key, value)| match value.as_str() {
                Some(text) => is_certain(key) && is_literal(text) && !is_variable_name(text),
                None => check(value),
            }),
            Json::Array(items) => items.iter().any(check),
            _ => false,
        }
    }
    text.trim_start().starts_with(['{', '['])
        && serde_json::from_str::<Json>(text).is_ok_and(|value| check(&value))
}
