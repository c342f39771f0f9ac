//! Evaluates expressions: the variables that a value is made from, and the containers that it may
//! be.

use ruff_python_ast::{Comprehension, Expr, Number, Operator};

use super::heap::HeapSlot;
use super::inspected::Excuse;
use super::state::{Flow, Function};
use super::text_values;
use super::value::{FlowValue, KnownAs};

impl<'a> Flow<'a> {
    /// Evaluates an expression, and records what it inspects.
    pub(super) fn eval(&mut self, expr: &'a Expr) -> FlowValue {
        if !self.heap.take_steps(1) || !self.go_deeper() {
            return FlowValue::default();
        }
        let value = self.eval_expr(expr);
        self.note_inspected(expr, &value);
        self.nested -= 1;
        value
    }

    /// Evaluates an expression by its kind.
    fn eval_expr(&mut self, expr: &'a Expr) -> FlowValue {
        match expr {
            Expr::StringLiteral(text) => key_value(text.value.to_str()),
            Expr::BytesLiteral(bytes) => {
                let bytes: Vec<u8> = bytes.value.bytes().take(text_values::LONGEST + 1).collect();
                std::str::from_utf8(&bytes).map(key_value).unwrap_or_default()
            }
            Expr::NumberLiteral(number) => match &number.value {
                Number::Int(int) => {
                    int.as_u64().map(|int| key_value(&format!("#{int}"))).unwrap_or_default()
                }
                _ => FlowValue::default(),
            },
            Expr::Name(name) => self.lookup_name(name.id.as_str()),
            Expr::Attribute(attribute) => {
                let base = self.eval(&attribute.value);
                self.lookup_attribute(&base, attribute.attr.as_str())
            }
            Expr::Subscript(index) => {
                let base = self.eval(&index.value);
                let key = self.eval(&index.slice);
                self.lookup_key(&base, &key)
            }
            Expr::Call(call) => self.eval_call(call),
            Expr::Named(named) => {
                let value = self.eval(&named.value);
                self.assign_target(&named.target, &value);
                value
            }
            Expr::Lambda(lambda) => {
                let known = self.register_function(Function::Lambda(lambda));
                FlowValue { known, ..FlowValue::default() }
            }
            Expr::BinOp(both) => {
                let left = self.eval(&both.left);
                let right = self.eval(&both.right);
                self.eval_binary(left, both.op, &right)
            }
            Expr::BoolOp(any) => self.eval_bool_op(any),
            Expr::If(choice) => self.eval_conditional(choice),
            Expr::Starred(starred) => self.eval(&starred.value),
            Expr::Await(awaited) => self.eval(&awaited.value),
            _ => self.eval_display(expr),
        }
    }

    /// Evaluates displays, comprehensions and computed scalars.
    fn eval_display(&mut self, expr: &'a Expr) -> FlowValue {
        match expr {
            Expr::Dict(dict) => {
                let id = self.heap.new_container(false);
                let mut value = FlowValue::from_container(id);
                for item in &dict.items {
                    let held = self.eval(&item.value);
                    if let Some(key) = &item.key {
                        let key = self.eval(key);
                        self.store_key(&FlowValue::from_container(id), &key, &held);
                    } else {
                        self.copy_into(id, &held);
                        value.known = held.known_of_copy().or(value.known);
                    }
                }
                value
            }
            Expr::List(list) => self.eval_list(&list.elts),
            Expr::Tuple(tuple) => self.eval_list(&tuple.elts),
            Expr::Set(set) => self.eval_list(&set.elts),
            Expr::ListComp(made) => self.eval_comprehension(&made.generators, None, &made.elt),
            Expr::SetComp(made) => self.eval_comprehension(&made.generators, None, &made.elt),
            // A generator may never be consumed.
            Expr::Generator(made) => self.eval_maybe(0, Excuse::NONE, |flow| {
                flow.eval_comprehension(&made.generators, None, &made.elt)
            }),
            Expr::DictComp(made) => {
                self.eval_comprehension(&made.generators, made.key.as_deref(), &made.value)
            }
            Expr::FString(text) => self.eval_fstring(text),
            Expr::UnaryOp(unary) => self.eval_scalar(std::iter::once(&*unary.operand)),
            Expr::Compare(compare) => {
                self.eval_scalar(std::iter::once(&*compare.left).chain(&compare.comparators))
            }
            _ => FlowValue::default(),
        }
    }

    /// Returns an unknown value that is made from the parts.
    fn eval_scalar(&mut self, parts: impl Iterator<Item = &'a Expr>) -> FlowValue {
        let mut from = 0;
        for part in parts {
            let value = self.eval(part);
            from |= self.heap.variables_of(&value);
        }
        FlowValue::from_variables(from)
    }

    /// Evaluates a list, tuple or set display.
    fn eval_list(&mut self, elements: &'a [Expr]) -> FlowValue {
        let id = self.heap.new_container(false);
        for (index, element) in elements.iter().enumerate() {
            let value = self.eval(element);
            if element.is_starred_expr() {
                let (elements, _) = self.loop_elements(&value);
                for one in &elements {
                    self.heap.add_value(HeapSlot::Rest(id), one);
                }
            } else {
                self.heap.set(HeapSlot::Field(id, format!("#{index}").into()), Some(value));
            }
        }
        FlowValue::from_container(id)
    }

    /// Evaluates a comprehension: its element runs once, for the union of all elements.
    fn eval_comprehension(
        &mut self,
        generators: &'a [Comprehension],
        key: Option<&'a Expr>,
        value: &'a Expr,
    ) -> FlowValue {
        let id = self.heap.new_container(false);
        self.enter_scope();
        let mut runs = true;
        for generator in generators {
            let iterable = self.eval_if_certain(runs, |flow| flow.eval(&generator.iter));
            let (elements, certain) = self.loop_elements(&iterable);
            runs &= certain;
            let mut one: Option<FlowValue> = None;
            for element in &elements {
                self.join_values(&mut one, element);
            }
            self.assign_target(&generator.target, &one.unwrap_or_default());
            for test in &generator.ifs {
                self.eval_if_certain(runs, |flow| flow.eval(test));
                runs = false;
            }
        }
        let held = self.eval_if_certain(runs, |flow| flow.eval(value));
        match key.map(|key| self.eval_if_certain(runs, |flow| flow.eval(key))) {
            Some(key) => self.store_key(&FlowValue::from_container(id), &key, &held),
            None => self.heap.add_value(HeapSlot::Rest(id), &held),
        }
        self.leave_scope();
        FlowValue::from_container(id)
    }

    /// Evaluates a binary operator.
    pub(super) fn eval_binary(
        &mut self,
        left: FlowValue,
        op: Operator,
        right: &FlowValue,
    ) -> FlowValue {
        if op == Operator::BitOr && !(left.objects.is_empty() && right.objects.is_empty()) {
            let id = self.heap.new_container(false);
            self.copy_into(id, &left);
            self.copy_into(id, right);
            let known = left.known_of_copy().or(right.known_of_copy());
            return FlowValue { known, ..FlowValue::from_container(id) };
        }
        match self.eval_text_operator(&left, op, right) {
            Some(value) => value,
            None => FlowValue::from_variables(
                self.heap.variables_of(&left) | self.heap.variables_of(right),
            ),
        }
    }

    /// Returns the result of `left op= right`. A container is changed in place and keeps its
    /// identity.
    pub(super) fn eval_augmented(
        &mut self,
        left: FlowValue,
        op: Operator,
        right: &FlowValue,
    ) -> FlowValue {
        if left.objects.is_empty() || !matches!(op, Operator::BitOr | Operator::Add) {
            return self.eval_binary(left, op, right);
        }
        for id in left.objects.clone() {
            if op == Operator::BitOr {
                self.update_container(&left, id, right);
            } else {
                let from = self.heap.variables_of(right);
                let added =
                    FlowValue { from, objects: right.objects.clone(), known: KnownAs::Nothing };
                self.heap.add_value(HeapSlot::Rest(id), &added);
            }
        }
        left
    }
}

/// Returns a text that may be a key, unless it is too long for one.
fn key_value(text: &str) -> FlowValue {
    if text.len() > text_values::LONGEST {
        FlowValue::default()
    } else {
        FlowValue::from_word(text)
    }
}
