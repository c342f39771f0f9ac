//! Computes the text of an expression that consists of literals alone, however it joins them.
//!
//! The text is exact for literals, `+`, `%`, f-strings, `join` and names. Of other functions it has
//! the arguments: whether there is a literal secret matters here, and not its exact text.

use std::collections::BTreeMap;

use ruff_python_ast::{
    Comprehension, Expr, ExprBinOp, ExprCall, ExprFString, FStringPart, InterpolatedStringElement,
    Number, Operator,
};

/// The maximum length of a text that is computed, in bytes: names can double it in each line.
const LONGEST: usize = 4 << 10;

/// Functions of Python whose result depends on their arguments alone.
const PURE: &[&str] = &[
    "ascii",
    "bytearray",
    "bytes",
    "chr",
    "filter",
    "format",
    "hex",
    "int",
    "iter",
    "list",
    "map",
    "next",
    "ord",
    "range",
    "repr",
    "reversed",
    "sorted",
    "str",
    "tuple",
    "zip",
];

/// Functions and methods of modules for which the same is true.
const DECODERS: &[&str] = &[
    "b16decode",
    "b32decode",
    "b64decode",
    "b64encode",
    "b85decode",
    "decode",
    "decompress",
    "dedent",
    "fromhex",
    "loads",
    "SecretStr",
    "mark_safe",
    "standard_b64decode",
    "unhexlify",
    "unquote",
    "urlsafe_b64decode",
];

/// The text of an expression.
#[derive(Clone, Debug, Default)]
pub(super) struct Constant {
    pub(super) text: String,
    /// Whether a part of it is a text, and not only numbers.
    pub(super) has_text: bool,
}

/// The names that have the same constant everywhere in a file.
pub(super) type Constants = BTreeMap<String, Option<Constant>>;

/// The names that an expression may use.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) constants: &'a Constants,
    /// The comprehensions around it, which bind names to parts of constants.
    bound: &'a [Comprehension],
}

impl<'a> Scope<'a> {
    pub(super) fn new(constants: &'a Constants) -> Self {
        Self { constants, bound: &[] }
    }

    /// Returns the constant that an expression computes, if it reads nothing else.
    pub(super) fn fold(self, expr: &Expr) -> Option<Constant> {
        match expr {
            Expr::StringLiteral(text) => Some(Constant::text(text.value.to_str())),
            Expr::BytesLiteral(bytes) => {
                let bytes: Vec<u8> = bytes.value.bytes().collect();
                Some(Constant::text(&String::from_utf8_lossy(&bytes)))
            }
            Expr::NumberLiteral(number) => Some(digits(&number.value)),
            Expr::BooleanLiteral(_) | Expr::NoneLiteral(_) | Expr::Slice(_) => {
                Some(Constant::default())
            }
            Expr::FString(text) => self.fold_f_string(text),
            Expr::BinOp(operation) if operation.op == Operator::Mod => self.fold_format(operation),
            Expr::BinOp(operation) => self.join("", [&*operation.left, &*operation.right]),
            Expr::UnaryOp(operation) => self.fold(&operation.operand),
            Expr::List(list) => self.join("", &list.elts),
            Expr::Tuple(tuple) => self.join("", &tuple.elts),
            Expr::Set(set) => self.join("", &set.elts),
            Expr::Starred(starred) => self.fold(&starred.value),
            Expr::Named(named) => self.fold(&named.value),
            Expr::If(choice) => self.join("", [&*choice.body, &*choice.orelse]),
            Expr::Subscript(index) => self.fold(&index.value),
            Expr::Dict(dict) => self.join("", dict.items.iter().map(|item| &item.value)),
            Expr::Name(name) => self.fold_name(&name.id),
            Expr::Call(call) => self.fold_call(call),
            Expr::ListComp(list) => self.fold_loop(&list.elt, &list.generators),
            Expr::Generator(list) => self.fold_loop(&list.elt, &list.generators),
            _ => None,
        }
    }

    /// Returns the constants of several expressions as one.
    fn join<'e>(
        self,
        separator: &str,
        parts: impl IntoIterator<Item = &'e Expr>,
    ) -> Option<Constant> {
        let mut joined = Constant::default();
        for (at, part) in parts.into_iter().enumerate() {
            if at > 0 {
                joined.push(separator);
            }
            let part = self.fold(part)?;
            joined.push(&part.text);
            joined.has_text |= part.has_text;
        }
        Some(joined)
    }

    fn fold_name(self, name: &str) -> Option<Constant> {
        let binds = |one: &Comprehension| names_of(&one.target).any(|bound| bound == name);
        if self.bound.iter().any(binds) || PURE.contains(&name) {
            return Some(Constant::default());
        }
        self.constants.get(name)?.clone()
    }

    fn fold_f_string(self, text: &ExprFString) -> Option<Constant> {
        let mut joined = Constant { text: String::new(), has_text: true };
        for part in &text.value {
            let elements = match part {
                FStringPart::Literal(literal) => {
                    joined.push(literal);
                    continue;
                }
                FStringPart::FString(text) => &text.elements,
            };
            for element in elements {
                match element {
                    InterpolatedStringElement::Literal(literal) => joined.push(&literal.value),
                    InterpolatedStringElement::Interpolation(shown) => {
                        joined.push(&self.fold(&shown.expression)?.text);
                    }
                }
            }
        }
        Some(joined)
    }

    /// Folds `text % values`: each `%s` gets the next value.
    fn fold_format(self, operation: &ExprBinOp) -> Option<Constant> {
        let (left, right) = (&*operation.left, &*operation.right);
        let format = self.fold(left)?;
        let values = match right {
            Expr::Tuple(tuple) => &tuple.elts[..],
            value => std::slice::from_ref(value),
        };
        let mut parts = format.text.split("%s");
        let mut joined = Constant { text: String::new(), has_text: format.has_text };
        joined.push(parts.next().unwrap_or_default());
        let mut values = values.iter();
        for part in parts {
            joined.push(
                &values.next().map_or(Some(Constant::default()), |value| self.fold(value))?.text,
            );
            joined.push(part);
        }
        // A value that the format names, as `%(key)s` does, follows it.
        for value in values {
            joined.push(&self.fold(value)?.text);
        }
        Some(joined)
    }

    fn fold_loop(self, element: &Expr, loops: &[Comprehension]) -> Option<Constant> {
        let mut joined = self.join("", loops.iter().map(|one| &one.iter))?;
        // A loop within another one sees the names of the outer one only where it is joined.
        let inner = Scope { bound: loops, ..self };
        let element = inner.fold(element)?;
        joined.push(&element.text);
        joined.has_text |= element.has_text;
        Some(joined)
    }

    fn fold_call(self, call: &ExprCall) -> Option<Constant> {
        let keywords = call.arguments.keywords.iter().map(|keyword| &keyword.value);
        let arguments = || call.arguments.args.iter().chain(keywords.clone());
        match &*call.func {
            Expr::Name(name) if PURE.contains(&name.id.as_str()) => {
                let joined = self.join("", arguments())?;
                // `chr(104)` and `bytes([104])` are texts that are made of numbers.
                let is_text = matches!(name.id.as_str(), "chr" | "bytes" | "bytearray");
                Some(Constant { has_text: joined.has_text || is_text, ..joined })
            }
            Expr::Name(name) if DECODERS.contains(&name.id.as_str()) => self.join("", arguments()),
            Expr::Lambda(lambda) => self.fold(&lambda.body),
            Expr::Attribute(method) => match self.fold(&method.value) {
                Some(separator) if method.attr.as_str() == "join" => {
                    let joined = self.join_items(&separator.text, call.arguments.args.first()?)?;
                    Some(Constant { has_text: true, ..joined })
                }
                Some(receiver) => {
                    let mut joined = self.join("", arguments())?;
                    joined.text.insert_str(0, &receiver.text);
                    joined.has_text |= receiver.has_text;
                    Some(joined)
                }
                None if DECODERS.contains(&method.attr.as_str()) => self.join("", arguments()),
                None => None,
            },
            _ => None,
        }
    }

    /// Returns the items of a list as one text.
    fn join_items(self, separator: &str, items: &Expr) -> Option<Constant> {
        match items {
            Expr::List(list) => self.join(separator, &list.elts),
            Expr::Tuple(tuple) => self.join(separator, &tuple.elts),
            other => self.fold(other),
        }
    }
}

impl Constant {
    fn text(text: &str) -> Self {
        let mut constant = Self { text: String::new(), has_text: true };
        constant.push(text);
        constant
    }

    /// Appends a text as far as it fits.
    fn push(&mut self, text: &str) {
        let room = LONGEST.saturating_sub(self.text.len());
        self.text.push_str(&text[..text.floor_char_boundary(room)]);
    }
}

/// Returns a number as a text: of an integer in the range of a character, that character.
fn digits(number: &Number) -> Constant {
    let text = match number {
        Number::Int(int) => int.as_u8().map(char::from).map(String::from),
        Number::Float(_) | Number::Complex { .. } => None,
    };
    Constant { text: text.unwrap_or_default(), has_text: false }
}

/// Returns the names that a target binds.
fn names_of(target: &Expr) -> impl Iterator<Item = &str> {
    let elements = match target {
        Expr::Tuple(tuple) => &tuple.elts[..],
        other => std::slice::from_ref(other),
    };
    elements.iter().filter_map(|element| element.as_name_expr()).map(|name| name.id.as_str())
}
