//! Expressions: what a value is made from, and which container it is.

use ruff_python_ast::{Comprehension, Expr, Number, Operator};

use super::asked::Excuse;
use super::heap::Slot;
use super::state::{Flow, Function};
use super::value::{Known, Value};
use super::word;

impl<'a> Flow<'a> {
    pub(super) fn eval(&mut self, expr: &'a Expr) -> Value {
        if !self.heap.step(1) || !self.deeper() {
            return Value::default();
        }
        let value = self.valued(expr);
        self.looks_at(expr, &value);
        self.nested -= 1;
        value
    }

    fn valued(&mut self, expr: &'a Expr) -> Value {
        match expr {
            Expr::StringLiteral(text) => key(text.value.to_str()),
            Expr::BytesLiteral(bytes) => {
                let bytes: Vec<u8> = bytes.value.bytes().take(word::LONGEST + 1).collect();
                std::str::from_utf8(&bytes).map(key).unwrap_or_default()
            }
            Expr::NumberLiteral(number) => match &number.value {
                Number::Int(int) => {
                    int.as_u64().map(|int| key(&format!("#{int}"))).unwrap_or_default()
                }
                _ => Value::default(),
            },
            Expr::Name(name) => self.name(name.id.as_str()),
            Expr::Attribute(attribute) => {
                let base = self.eval(&attribute.value);
                self.attribute(&base, attribute.attr.as_str())
            }
            Expr::Subscript(index) => {
                let base = self.eval(&index.value);
                let key = self.eval(&index.slice);
                self.index(&base, &key)
            }
            Expr::Call(call) => self.call(call),
            Expr::Named(named) => {
                let value = self.eval(&named.value);
                self.assign(&named.target, &value);
                value
            }
            Expr::Lambda(lambda) => {
                let known = self.function_known(Function::Lambda(lambda));
                Value { known, ..Value::default() }
            }
            Expr::BinOp(both) => {
                let left = self.eval(&both.left);
                let right = self.eval(&both.right);
                self.binary(left, both.op, &right)
            }
            Expr::BoolOp(any) => self.operands(any),
            Expr::If(choice) => self.arms(choice),
            Expr::Starred(starred) => self.eval(&starred.value),
            Expr::Await(awaited) => self.eval(&awaited.value),
            _ => self.made(expr),
        }
    }

    /// Displays, comprehensions, and scalars that are made from others.
    fn made(&mut self, expr: &'a Expr) -> Value {
        match expr {
            Expr::Dict(dict) => {
                let id = self.heap.object(false);
                let mut value = Value::object(id);
                for item in &dict.items {
                    let held = self.eval(&item.value);
                    if let Some(key) = &item.key {
                        let key = self.eval(key);
                        self.store(&Value::object(id), &key, &held);
                    } else {
                        self.spread(id, &held);
                        value.known = held.known_of_copy().or(value.known);
                    }
                }
                value
            }
            Expr::List(list) => self.list(&list.elts),
            Expr::Tuple(tuple) => self.list(&tuple.elts),
            Expr::Set(set) => self.list(&set.elts),
            Expr::ListComp(made) => self.comprehension(&made.generators, None, &made.elt),
            Expr::SetComp(made) => self.comprehension(&made.generators, None, &made.elt),
            // Whether any of it is taken is not known.
            Expr::Generator(made) => self.perhaps(0, Excuse::NONE, |flow| {
                flow.comprehension(&made.generators, None, &made.elt)
            }),
            Expr::DictComp(made) => {
                self.comprehension(&made.generators, made.key.as_deref(), &made.value)
            }
            Expr::FString(text) => self.shown(text),
            Expr::UnaryOp(unary) => self.scalar(std::iter::once(&*unary.operand)),
            Expr::Compare(compare) => {
                self.scalar(std::iter::once(&*compare.left).chain(&compare.comparators))
            }
            _ => Value::default(),
        }
    }

    fn scalar(&mut self, parts: impl Iterator<Item = &'a Expr>) -> Value {
        let mut from = 0;
        for part in parts {
            let value = self.eval(part);
            from |= self.heap.reach(&value);
        }
        Value::of(from)
    }

    fn list(&mut self, elements: &'a [Expr]) -> Value {
        let id = self.heap.object(false);
        for (index, element) in elements.iter().enumerate() {
            let value = self.eval(element);
            if element.is_starred_expr() {
                let (elements, _) = self.elements(&value);
                for one in &elements {
                    self.heap.add(Slot::Rest(id), one);
                }
            } else {
                self.heap.set(Slot::Field(id, format!("#{index}").into()), Some(value));
            }
        }
        Value::object(id)
    }

    fn comprehension(
        &mut self,
        generators: &'a [Comprehension],
        key: Option<&'a Expr>,
        value: &'a Expr,
    ) -> Value {
        let id = self.heap.object(false);
        self.enter();
        let mut runs = true;
        for generator in generators {
            let iterable = self.certainly(runs, |flow| flow.eval(&generator.iter));
            let (elements, certain) = self.elements(&iterable);
            runs &= certain;
            let mut one: Option<Value> = None;
            for element in &elements {
                self.join_into(&mut one, element);
            }
            self.assign(&generator.target, &one.unwrap_or_default());
            for test in &generator.ifs {
                self.certainly(runs, |flow| flow.eval(test));
                runs = false;
            }
        }
        let held = self.certainly(runs, |flow| flow.eval(value));
        match key.map(|key| self.certainly(runs, |flow| flow.eval(key))) {
            Some(key) => self.store(&Value::object(id), &key, &held),
            None => self.heap.add(Slot::Rest(id), &held),
        }
        self.leave();
        Value::object(id)
    }

    pub(super) fn binary(&mut self, left: Value, op: Operator, right: &Value) -> Value {
        if op == Operator::BitOr && !(left.objects.is_empty() && right.objects.is_empty()) {
            let id = self.heap.object(false);
            self.spread(id, &left);
            self.spread(id, right);
            let known = left.known_of_copy().or(right.known_of_copy());
            return Value { known, ..Value::object(id) };
        }
        match self.put_together(&left, op, right) {
            Some(value) => value,
            None => Value::of(self.heap.reach(&left) | self.heap.reach(right)),
        }
    }

    /// Returns what `left op= right` leaves; a container stays the one that it is.
    pub(super) fn augment(&mut self, left: Value, op: Operator, right: &Value) -> Value {
        if left.objects.is_empty() || !matches!(op, Operator::BitOr | Operator::Add) {
            return self.binary(left, op, right);
        }
        for id in left.objects.clone() {
            if op == Operator::BitOr {
                self.update(&left, id, right);
            } else {
                let from = self.heap.reach(right);
                let added = Value { from, objects: right.objects.clone(), known: Known::Nothing };
                self.heap.add(Slot::Rest(id), &added);
            }
        }
        left
    }
}

/// Returns a text that may be a key, unless it is too long for one.
fn key(text: &str) -> Value {
    if text.len() > word::LONGEST { Value::default() } else { Value::word(text) }
}
