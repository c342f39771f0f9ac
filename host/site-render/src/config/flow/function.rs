//! Functions of the config: each call runs the body anew, with what it is given.

use std::rc::Rc;

use ruff_python_ast::{ParameterWithDefault, Parameters};
use ruff_text_size::Ranged as _;

use super::call::Given;
use super::exit::Exit;
use super::heap::Slot;
use super::state::{Flow, Function};
use super::value::Value;

/// How many functions of the config call each other.
const DEEPEST: usize = 8;

impl<'a> Flow<'a> {
    /// Runs a function of the config.
    pub(super) fn run(&mut self, number: usize, given: Given) -> Value {
        if self.calls >= DEEPEST {
            return self.unknown(&Value::default(), &given);
        }
        let Some((function, layer, nested)) = self.functions.get(number).copied() else {
            return Value::default();
        };
        self.calls += 1;
        let left = std::mem::take(&mut self.left);
        let before = (self.layer, self.at, std::mem::take(&mut self.globals));
        let visible = if nested { self.visible.clone() } else { Vec::new() };
        let visible = std::mem::replace(&mut self.visible, visible);
        self.returned.push(None);
        self.enter();
        self.layer = layer;
        match function {
            Function::Def(def) => {
                self.parameters(&def.parameters, given);
                self.block(&def.body);
            }
            Function::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.parameters(parameters, given);
                }
                let value = self.eval(&lambda.body);
                self.hand_back(&value);
            }
        }
        // Of what leaves a function only `raise` leaves its caller.
        self.ended = self.ended.filter(|exit| *exit == Exit::Raise);
        self.left = left;
        self.leave();
        self.visible = visible;
        (self.layer, self.at, self.globals) = before;
        self.calls -= 1;
        self.returned.pop().flatten().unwrap_or_default()
    }

    fn parameters(&mut self, parameters: &'a Parameters, given: Given) {
        let mut positional = given.positional.into_iter();
        let mut named = given.named;
        for parameter in parameters.posonlyargs.iter().chain(&parameters.args) {
            let value = positional.next();
            self.parameter(parameter, value, &mut named);
        }
        if let Some(rest) = &parameters.vararg {
            let id = self.heap.object(false);
            for (index, value) in positional.enumerate() {
                self.heap.set(Slot::Field(id, format!("#{index}").into()), Some(value));
            }
            self.bind(rest.name.as_str(), Some(Value::object(id)));
        }
        for parameter in &parameters.kwonlyargs {
            self.parameter(parameter, None, &mut named);
        }
        if let Some(rest) = &parameters.kwarg {
            let id = self.heap.object(false);
            let rest_of = Given { named, ..Given::default() };
            self.put_named(&Value::object(id), &rest_of);
            self.bind(rest.name.as_str(), Some(Value::object(id)));
        }
        self.note(parameters.start());
    }

    fn parameter(
        &mut self,
        parameter: &'a ParameterWithDefault,
        value: Option<Value>,
        named: &mut Vec<(Option<Rc<str>>, Value)>,
    ) {
        let name = parameter.name().as_str();
        self.heap.step(named.len());
        let at = named.iter().position(|(other, _)| other.as_deref() == Some(name));
        let value = value.or_else(|| at.map(|at| named.swap_remove(at).1));
        let value = match (value, parameter.default()) {
            (Some(value), _) => value,
            (None, Some(default)) => self.eval(default),
            (None, None) => Value::default(),
        };
        self.bind(name, Some(value));
    }
}
