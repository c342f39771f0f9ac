//! Functions of the configuration. Each call runs the body again with its own arguments.

use std::rc::Rc;

use ruff_python_ast::{ParameterWithDefault, Parameters};
use ruff_text_size::Ranged as _;

use super::call::CallArguments;
use super::exit::Exit;
use super::heap::HeapSlot;
use super::state::{Flow, Function};
use super::value::FlowValue;

/// The maximum depth of calls between functions of the configuration.
const DEEPEST: usize = 8;

impl<'a> Flow<'a> {
    /// Runs a function of the configuration, and returns its result.
    pub(super) fn run_function(&mut self, number: usize, args: CallArguments) -> FlowValue {
        // A recursive function would be followed without end.
        if self.calls >= DEEPEST {
            return self.call_unknown(&FlowValue::default(), &args);
        }
        let Some((function, layer, nested)) = self.functions.get(number).copied() else {
            return FlowValue::default();
        };
        self.calls += 1;
        let left = std::mem::take(&mut self.left);
        let before = (self.layer, self.at, std::mem::take(&mut self.globals));
        let visible = if nested { self.visible.clone() } else { Vec::new() };
        let visible = std::mem::replace(&mut self.visible, visible);
        self.returned.push(None);
        self.enter_scope();
        self.layer = layer;
        match function {
            Function::Def(def) => {
                self.bind_parameters(&def.parameters, args);
                self.run_block(&def.body);
            }
            Function::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.bind_parameters(parameters, args);
                }
                let value = self.eval(&lambda.body);
                self.join_returned(&value);
            }
        }
        // `return`, `break` and `continue` end at the function; only an exception reaches its
        // caller.
        self.ended = self.ended.filter(|exit| *exit == Exit::Raise);
        self.left = left;
        self.leave_scope();
        self.visible = visible;
        (self.layer, self.at, self.globals) = before;
        self.calls -= 1;
        self.returned.pop().flatten().unwrap_or_default()
    }

    /// Binds the parameters of a function to the arguments.
    fn bind_parameters(&mut self, parameters: &'a Parameters, args: CallArguments) {
        let mut positional = args.positional.into_iter();
        let mut named = args.named;
        for parameter in parameters.posonlyargs.iter().chain(&parameters.args) {
            let value = positional.next();
            self.bind_parameter(parameter, value, &mut named);
        }
        if let Some(rest) = &parameters.vararg {
            let id = self.heap.new_container(false);
            for (index, value) in positional.enumerate() {
                self.heap.set(HeapSlot::Field(id, format!("#{index}").into()), Some(value));
            }
            self.bind_name(rest.name.as_str(), Some(FlowValue::from_container(id)));
        }
        for parameter in &parameters.kwonlyargs {
            self.bind_parameter(parameter, None, &mut named);
        }
        if let Some(rest) = &parameters.kwarg {
            let id = self.heap.new_container(false);
            let rest_of = CallArguments { named, ..CallArguments::default() };
            self.store_keywords(&FlowValue::from_container(id), &rest_of);
            self.bind_name(rest.name.as_str(), Some(FlowValue::from_container(id)));
        }
        self.note_statement(parameters.start());
    }

    /// Binds one parameter to its argument or its default.
    fn bind_parameter(
        &mut self,
        parameter: &'a ParameterWithDefault,
        value: Option<FlowValue>,
        named: &mut Vec<(Option<Rc<str>>, FlowValue)>,
    ) {
        let name = parameter.name().as_str();
        self.heap.take_steps(named.len());
        let at = named.iter().position(|(other, _)| other.as_deref() == Some(name));
        let value = value.or_else(|| at.map(|at| named.swap_remove(at).1));
        let value = match (value, parameter.default()) {
            (Some(value), _) => value,
            (None, Some(default)) => self.eval(default),
            (None, None) => FlowValue::default(),
        };
        self.bind_name(name, Some(value));
    }
}
