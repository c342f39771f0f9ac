//! Calls: readers of the environment, functions of Python, and those of which only their
//! arguments are known.

use std::rc::Rc;

use ruff_python_ast::ExprCall;

use super::heap::Slot;
use super::state::Flow;
use super::value::{Known, Value};
use crate::config::readers;

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

/// Returns whether a name that ends like a method is a function of a module.
fn is_function(path: &str) -> bool {
    path == "copy.copy" || PURE.contains(&path)
}

/// What a call is given.
#[derive(Default)]
pub(super) struct Given {
    pub(super) positional: Vec<Value>,
    pub(super) named: Vec<(Option<Rc<str>>, Value)>,
}

impl Given {
    pub(super) fn first(&self) -> Value {
        self.positional.first().cloned().unwrap_or_default()
    }

    pub(super) fn get(&self, index: usize, parameters: &[&str]) -> Value {
        let named = |(name, _): &&(Option<Rc<str>>, Value)| {
            name.as_ref().is_some_and(|name| parameters.contains(&&**name))
        };
        let positional = self.positional.get(index);
        positional
            .or_else(|| self.named.iter().find(named).map(|(_, value)| value))
            .cloned()
            .unwrap_or_default()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Value> {
        self.positional.iter().chain(self.named.iter().map(|(_, value)| value))
    }
}

impl<'a> Flow<'a> {
    pub(super) fn call(&mut self, call: &'a ExprCall) -> Value {
        let callee = self.eval(&call.func);
        let mut given = Given::default();
        for argument in &call.arguments.args {
            let value = self.eval(argument);
            if argument.is_starred_expr()
                && let (elements, true) = self.elements(&value)
            {
                given.positional.extend(elements);
            } else {
                given.positional.push(value);
            }
        }
        for keyword in &call.arguments.keywords {
            let value = self.eval(&keyword.value);
            given.named.push((keyword.arg.as_ref().map(|name| name.as_str().into()), value));
        }
        self.called(&callee, given)
    }

    /// Calls what is known of a value.
    fn called(&mut self, callee: &Value, given: Given) -> Value {
        match &callee.known {
            Known::Function(number) => self.run(*number, given),
            Known::Decorated(number) => self.on_trial(|flow| flow.run(*number, given)),
            Known::Method(method) => {
                let (receiver, name) = &**method;
                let path = receiver.path().map(|path| format!("{path}.{name}"));
                match path {
                    Some(path) if readers::reads(&path) => self.read_by(receiver, &given),
                    Some(path) if is_function(&path) => self.builtin(&path, callee, &given),
                    _ => self.method(receiver, name, &given),
                }
            }
            Known::Path(path) if readers::reads(path) => self.read_by(callee, &given),
            Known::Path(path) => self.builtin(&path.clone(), callee, &given),
            _ => self.unknown(callee, &given),
        }
    }

    /// Calls a function with each element of a container.
    fn mapped(&mut self, function: &Value, over: &Value) -> Value {
        let list = self.heap.object(false);
        let (elements, certain) = self.elements(over);
        for (index, element) in elements.into_iter().enumerate() {
            let given = Given { positional: vec![element], ..Given::default() };
            let value = self.certainly(certain, |flow| flow.called(function, given));
            self.heap.set(Slot::Field(list, format!("#{index}").into()), Some(value));
        }
        Value::object(list)
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
        if key.words().is_empty() {
            self.note_computed();
        }
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
                self.seen |= 1 << number;
                self.read_at.entry(number).or_insert((self.layer, self.at));
            }
        }
        let value = Value { from, ..Value::object(self.heap.object(true)) };
        if from == 0 {
            self.read_another(key.words(), &value);
        }
        value
    }

    fn builtin(&mut self, path: &str, callee: &Value, given: &Given) -> Value {
        let first = given.first();
        match path {
            "dict" | "copy.copy" => {
                let id = self.heap.object(false);
                self.spread(id, &first);
                self.put_named(&Value::object(id), given);
                Value { known: first.known_of_copy(), ..Value::object(id) }
            }
            // `functools.partial(os.environ.get)`: the reader that it is given.
            "functools.partial" if given.positional.len() == 1 => first,
            "collections.ChainMap" => {
                let id = self.heap.object(false);
                let mut known = Known::Nothing;
                for one in given.positional.iter().rev() {
                    self.spread(id, one);
                    known = one.known_of_copy().or(known);
                }
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
            "map" => self.mapped(&first, &given.get(1, &[])),
            path if PURE.contains(&path) => Value::of(self.reach_all(given)),
            _ => self.unknown(callee, given),
        }
    }

    /// Calls what is not known: its result is made from all that it is given.
    pub(super) fn unknown(&mut self, callee: &Value, given: &Given) -> Value {
        self.hand_over(given);
        let mut from = self.heap.reach(callee) | self.reach_all(given);
        for value in given.all() {
            if let Known::Function(number) = value.known {
                // It may be called: `field(default_factory=lambda: ...)`.
                from |= self.on_trial(|flow| flow.run(number, Given::default())).from;
            }
        }
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

    pub(super) fn reach_all(&mut self, given: &Given) -> u64 {
        given.all().fold(0, |from, value| from | self.heap.reach(value))
    }

    pub(super) fn put_named(&mut self, base: &Value, given: &Given) {
        for (name, value) in &given.named {
            match name {
                Some(name) => self.store(base, &Value::word(name), value),
                None => base.objects.iter().for_each(|id| self.update(base, *id, value)),
            }
        }
    }
}
