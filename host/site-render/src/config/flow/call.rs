//! Calls: readers of the environment, methods of containers, functions of the config, and
//! all others, of which only their arguments are known.

use std::rc::Rc;

use ruff_python_ast::{ExprCall, Parameters};
use ruff_text_size::Ranged as _;

use super::heap::Slot;
use super::value::{Known, Value};
use super::{Flow, Function};
use crate::config::readers;

/// How many functions of the config call each other.
const DEEPEST: usize = 8;

/// Methods of containers that are followed.
pub(super) const METHODS: &[&str] = &[
    "get",
    "pop",
    "setdefault",
    "update",
    "clear",
    "copy",
    "items",
    "keys",
    "values",
    "append",
    "add",
    "insert",
    "extend",
    "__getitem__",
    "__setitem__",
    "__delitem__",
];

/// Functions of Python whose result is made from their arguments, and which change none.
const PURE: &[&str] = &[
    "str",
    "int",
    "bool",
    "float",
    "bytes",
    "repr",
    "len",
    "print",
    "isinstance",
    "issubclass",
    "type",
    "hasattr",
    "any",
    "all",
    "min",
    "max",
    "sum",
    "abs",
    "round",
    "format",
    "zip",
    "enumerate",
    "map",
    "filter",
    "callable",
    "id",
    "hash",
    "ord",
    "chr",
    "os.path.join",
    "os.path.exists",
    "os.path.isfile",
    "json.dumps",
    "pathlib.Path",
];

/// Functions that make a list of what they are given.
const LISTS: &[&str] = &["list", "tuple", "set", "frozenset", "sorted", "reversed"];

/// Other names that Python has without an import.
const OTHER_BUILTINS: &[&str] =
    &["dict", "getattr", "setattr", "globals", "locals", "vars", "exec", "eval", "super", "object"];

/// Returns whether a name is there without an import.
pub(super) fn is_builtin(name: &str) -> bool {
    [PURE, LISTS, OTHER_BUILTINS].iter().any(|names| names.contains(&name))
}

/// What a call is given.
#[derive(Default)]
pub(super) struct Given {
    positional: Vec<Value>,
    named: Vec<(Option<Rc<str>>, Value)>,
}

impl Given {
    fn first(&self) -> Value {
        self.positional.first().cloned().unwrap_or_default()
    }

    fn get(&self, index: usize, names: &[&str]) -> Value {
        let named = |(name, _): &&(Option<Rc<str>>, Value)| {
            name.as_ref().is_some_and(|name| names.contains(&&**name))
        };
        let positional = self.positional.get(index);
        positional
            .or_else(|| self.named.iter().find(named).map(|(_, value)| value))
            .cloned()
            .unwrap_or_default()
    }

    fn all(&self) -> impl Iterator<Item = &Value> {
        self.positional.iter().chain(self.named.iter().map(|(_, value)| value))
    }
}

impl<'a> Flow<'a> {
    pub(super) fn call(&mut self, call: &'a ExprCall) -> Value {
        let callee = self.eval(&call.func);
        let mut given = Given::default();
        for argument in &call.arguments.args {
            let value = self.eval(argument);
            given.positional.push(value);
        }
        for keyword in &call.arguments.keywords {
            let value = self.eval(&keyword.value);
            given.named.push((keyword.arg.as_ref().map(|name| name.as_str().into()), value));
        }
        match &callee.known {
            Known::Function(number) => self.run(*number, given),
            Known::Method(method) => {
                let (receiver, name) = &**method;
                let path = receiver.path().map(|path| format!("{path}.{name}"));
                match path {
                    Some(path) if readers::reads(&path) => self.read_by(receiver, &given),
                    Some(path) if self.is_function(&path) => self.builtin(&path, &callee, &given),
                    _ => self.method(receiver, name, &given),
                }
            }
            Known::Path(path) if readers::reads(path) => self.read_by(&callee, &given),
            Known::Path(path) => self.builtin(&path.clone(), &callee, &given),
            _ => self.unknown(&callee, &given),
        }
    }

    fn is_function(&self, path: &str) -> bool {
        path == "copy.copy" || PURE.contains(&path)
    }

    /// Reads the variable that is named by the arguments.
    fn read_by(&mut self, reader: &Value, given: &Given) -> Value {
        let mut value = self.read(reader, &given.get(0, readers::PARAMETERS));
        for default in given.all().skip(1) {
            value.from |= self.heap.reach(default);
        }
        value
    }

    /// Reads the variables that a key may name. The result may hold anything: a reader can
    /// take an address or JSON apart.
    pub(super) fn read(&mut self, reader: &Value, key: &Value) -> Value {
        let mut from = 0;
        self.heap.step(self.variables.len());
        let prefixed = reader.path().is_some_and(readers::takes_a_prefix);
        for (number, variable) in self.variables.iter().enumerate() {
            let names = |word: &Rc<str>| {
                **word == **variable
                    || prefixed
                        && variable
                            .strip_suffix(&**word)
                            .is_some_and(|prefix| self.prefixes.contains(prefix))
            };
            if key.words().iter().any(names) {
                from |= 1 << number;
                self.read_at.entry(number).or_insert((self.layer, self.at));
            }
        }
        Value { from, ..Value::object(self.heap.object(true)) }
    }

    fn builtin(&mut self, path: &str, callee: &Value, given: &Given) -> Value {
        let first = given.first();
        match path {
            "dict" | "copy.copy" => {
                let id = self.heap.object(false);
                self.spread(id, &first);
                self.put_named(&Value::object(id), given);
                let environment = first.path().is_some_and(readers::is_environment);
                let known = if environment { first.known } else { Known::Nothing };
                Value { known, ..Value::object(id) }
            }
            "copy.deepcopy" => {
                let from = self.heap.reach(&first);
                Value { from, ..Value::object(self.heap.object(true)) }
            }
            "getattr" => match given.get(1, &[]).words() {
                [name] => self.attribute(&first, &name.clone()),
                _ => Value::of(self.heap.reach(&first)),
            },
            "setattr" => {
                if let [name] = given.get(1, &[]).words() {
                    self.store_attribute(&first, name, &given.get(2, &[]));
                }
                Value::default()
            }
            path if LISTS.contains(&path) => {
                let id = self.heap.object(false);
                let (elements, certain) = self.elements(&first);
                for (index, element) in elements.into_iter().enumerate() {
                    if certain {
                        self.heap.set(Slot::Field(id, format!("#{index}").into()), Some(element));
                    } else {
                        self.heap.add(Slot::Rest(id), &element);
                    }
                }
                Value { from: first.from, ..Value::object(id) }
            }
            path if PURE.contains(&path) => Value::of(self.reach_all(given)),
            _ => self.unknown(callee, given),
        }
    }

    /// Calls what is not known: its result is made from all that it is given.
    fn unknown(&mut self, callee: &Value, given: &Given) -> Value {
        let from = callee.from | self.reach_all(given);
        if given.all().any(|value| !value.objects.is_empty()) {
            self.escaped |= from;
        }
        let mut value = Value::default();
        if let Some(path) = callee.path() {
            value = self.other(&format!("{path}()"));
            // Two calls make two things.
            value.objects.clear();
        }
        value.objects.push(self.heap.object(true));
        value.from |= from;
        value
    }

    fn reach_all(&mut self, given: &Given) -> u64 {
        given.all().fold(0, |from, value| from | self.heap.reach(value))
    }

    fn put_named(&mut self, base: &Value, given: &Given) {
        for (name, value) in &given.named {
            match name {
                Some(name) => self.store(base, &Value::word(name), value),
                None => base.objects.iter().for_each(|id| self.update(base, *id, value)),
            }
        }
    }

    fn method(&mut self, receiver: &Value, name: &str, given: &Given) -> Value {
        let first = given.get(0, &["key"]);
        match name {
            "get" | "__getitem__" => {
                let mut value = self.index(receiver, &first);
                let default = given.get(1, &["default"]);
                if value.objects.is_empty() {
                    self.heap.join(&mut value, &default);
                } else {
                    value.from |= self.heap.reach(&default);
                }
                value
            }
            "setdefault" => self.set_default(receiver, &first, &given.get(1, &["default"])),
            "pop" => {
                let mut value = self.index(receiver, &first);
                self.remove(receiver, &first);
                self.heap.join(&mut value, &given.get(1, &["default"]));
                value
            }
            "__delitem__" => {
                self.remove(receiver, &first);
                Value::default()
            }
            "__setitem__" => {
                self.store(receiver, &first, &given.get(1, &[]));
                Value::default()
            }
            "clear" => {
                if let [id] = receiver.objects[..] {
                    for key in self.heap.keys(id) {
                        self.heap.set(Slot::Field(id, key), None);
                    }
                    self.heap.set(Slot::Rest(id), None);
                }
                Value::default()
            }
            "copy" => {
                let id = self.heap.object(false);
                self.spread(id, receiver);
                let environment = receiver.path().is_some_and(readers::is_environment);
                let known = if environment { receiver.known.clone() } else { Known::Nothing };
                Value { known, ..Value::object(id) }
            }
            "update" => {
                for id in receiver.objects.clone() {
                    self.update(receiver, id, &given.first());
                }
                self.put_named(receiver, given);
                Value::default()
            }
            "items" | "keys" | "values" => self.view(receiver, name),
            _ => {
                // `append`, `add`, `insert` and `extend`: what is added is somewhere in it.
                for value in given.all() {
                    self.stored |= self.heap.reach(value);
                    receiver.objects.iter().for_each(|id| self.heap.add(Slot::Rest(*id), value));
                }
                Value::default()
            }
        }
    }

    fn set_default(&mut self, receiver: &Value, key: &Value, default: &Value) -> Value {
        if let ([id], [word]) = (&receiver.objects[..], key.words()) {
            let slot = Slot::Field(*id, word.clone());
            let empty =
                self.heap.get(&Slot::Rest(*id)).is_none_or(|rest| *rest == Value::default());
            if self.heap.get(&slot).is_none() && empty {
                self.store(receiver, key, default);
                return default.clone();
            }
        }
        let mut value = self.index(receiver, key);
        if value.objects.is_empty() {
            self.heap.join(&mut value, default);
        }
        value
    }

    /// Returns a list of what a container holds.
    fn view(&mut self, receiver: &Value, name: &str) -> Value {
        let list = self.heap.object(false);
        for id in &receiver.objects {
            let mut pairs: Vec<(Value, Value)> = Vec::new();
            for key in self.heap.keys(*id) {
                let held = self.heap.get(&Slot::Field(*id, key.clone())).cloned();
                pairs.push((Value::word(&key), held.unwrap_or_default()));
            }
            let known = pairs.len();
            pairs.extend(self.rest(*id).map(|rest| (Value::default(), rest)));
            for (index, (key, held)) in pairs.into_iter().enumerate() {
                let value = match name {
                    "keys" => key,
                    "values" => held,
                    _ => {
                        let pair = self.heap.object(false);
                        for (field, part) in [("#0", key), ("#1", held)] {
                            self.heap.set(Slot::Field(pair, field.into()), Some(part));
                        }
                        Value::object(pair)
                    }
                };
                if index < known {
                    self.heap.set(Slot::Field(list, format!("#{index}").into()), Some(value));
                } else {
                    self.heap.add(Slot::Rest(list), &value);
                }
            }
        }
        Value { from: receiver.from, ..Value::object(list) }
    }

    /// Runs a function of the config.
    fn run(&mut self, number: usize, given: Given) -> Value {
        if self.calls >= DEEPEST {
            return self.unknown(&Value::default(), &given);
        }
        let Some((function, layer, nested)) = self.functions.get(number).copied() else {
            return Value::default();
        };
        self.calls += 1;
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
                self.ended = self.raised;
            }
            Function::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.parameters(parameters, given);
                }
                let value = self.eval(&lambda.body);
                self.hand_back(&value);
            }
        }
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
            positional.for_each(|value| self.heap.add(Slot::Rest(id), &value));
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
        parameter: &'a ruff_python_ast::ParameterWithDefault,
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
