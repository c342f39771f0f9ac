//! Calls of readers of the environment, of Python's builtins, and of functions whose body is
//! unknown.

use std::rc::Rc;

use ruff_python_ast::ExprCall;

use super::heap::HeapSlot;
use super::state::Flow;
use super::value::{FlowValue, KnownAs};
use crate::app_config::readers;

/// Functions of Python that compute a result from their arguments and change none of them.
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

/// Functions that copy their argument into a new list.
const LISTS: &[&str] = &["list", "tuple", "set", "frozenset", "sorted", "reversed"];

/// Other names that Python defines without an import.
const OTHER_BUILTINS: &[&str] =
    &["dict", "getattr", "setattr", "globals", "locals", "vars", "exec", "eval", "super", "object"];

/// Returns whether a name is defined without an import.
pub(super) fn is_builtin(name: &str) -> bool {
    [PURE, LISTS, OTHER_BUILTINS].iter().any(|names| names.contains(&name))
}

/// Returns whether a name that looks like a method is a function of a module.
fn is_function(path: &str) -> bool {
    path == "copy.copy" || PURE.contains(&path)
}

/// The arguments of a call.
#[derive(Default)]
pub(super) struct CallArguments {
    pub(super) positional: Vec<FlowValue>,
    pub(super) named: Vec<(Option<Rc<str>>, FlowValue)>,
}

impl CallArguments {
    /// Returns the first positional argument.
    pub(super) fn first_positional(&self) -> FlowValue {
        self.positional.first().cloned().unwrap_or_default()
    }

    /// Returns the argument at a position, or under one of the parameter names.
    pub(super) fn value_at(&self, index: usize, parameters: &[&str]) -> FlowValue {
        let named = |(name, _): &&(Option<Rc<str>>, FlowValue)| {
            name.as_ref().is_some_and(|name| parameters.contains(&&**name))
        };
        let positional = self.positional.get(index);
        positional
            .or_else(|| self.named.iter().find(named).map(|(_, value)| value))
            .cloned()
            .unwrap_or_default()
    }

    /// Returns all argument values.
    pub(super) fn all_values(&self) -> impl Iterator<Item = &FlowValue> {
        self.positional.iter().chain(self.named.iter().map(|(_, value)| value))
    }
}

impl<'a> Flow<'a> {
    /// Evaluates a call.
    pub(super) fn eval_call(&mut self, call: &'a ExprCall) -> FlowValue {
        let callee = self.eval(&call.func);
        let mut args = CallArguments::default();
        for argument in &call.arguments.args {
            let value = self.eval(argument);
            if argument.is_starred_expr()
                && let (elements, true) = self.loop_elements(&value)
            {
                args.positional.extend(elements);
            } else {
                args.positional.push(value);
            }
        }
        for keyword in &call.arguments.keywords {
            let value = self.eval(&keyword.value);
            args.named.push((keyword.arg.as_ref().map(|name| name.as_str().into()), value));
        }
        self.call_value(&callee, args)
    }

    /// Calls a value.
    fn call_value(&mut self, callee: &FlowValue, args: CallArguments) -> FlowValue {
        match &callee.known {
            KnownAs::Function(number) => self.run_function(*number, args),
            KnownAs::Decorated(number) => {
                self.run_on_trial(|flow| flow.run_function(*number, args))
            }
            KnownAs::Method(method) => {
                let (receiver, name) = &**method;
                let path = receiver.path().map(|path| format!("{path}.{name}"));
                match path {
                    Some(path) if readers::reads_variable(&path) => {
                        self.call_reader(receiver, &args)
                    }
                    Some(path) if is_function(&path) => self.call_builtin(&path, callee, &args),
                    _ => self.call_method(receiver, name, &args),
                }
            }
            KnownAs::Path(path) if readers::reads_variable(path) => self.call_reader(callee, &args),
            KnownAs::Path(path) => self.call_builtin(&path.clone(), callee, &args),
            _ => self.call_unknown(callee, &args),
        }
    }

    /// Calls a function with each element of a container.
    fn map_elements(&mut self, function: &FlowValue, over: &FlowValue) -> FlowValue {
        let list = self.heap.new_container(false);
        let (elements, certain) = self.loop_elements(over);
        for (index, element) in elements.into_iter().enumerate() {
            let args = CallArguments { positional: vec![element], ..CallArguments::default() };
            let value = self.eval_if_certain(certain, |flow| flow.call_value(function, args));
            self.heap.set(HeapSlot::Field(list, format!("#{index}").into()), Some(value));
        }
        FlowValue::from_container(list)
    }

    /// Reads the variable that the arguments name.
    fn call_reader(&mut self, reader: &FlowValue, args: &CallArguments) -> FlowValue {
        let mut value = self.read_variables(reader, &args.value_at(0, readers::PARAMETERS));
        for default in args.all_values().skip(1) {
            value.from |= self.heap.variables_of(default);
        }
        value
    }

    /// Reads the variables that a key may name. The result is a container of unknown content,
    /// because a reader may parse a URL or JSON.
    pub(super) fn read_variables(&mut self, reader: &FlowValue, key: &FlowValue) -> FlowValue {
        let mut from = 0;
        self.heap.take_steps(self.variables.len());
        if key.words().is_empty() {
            self.note_computed();
        }
        let prefixed = reader.path().is_some_and(readers::takes_prefix);
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
        let value = FlowValue { from, ..FlowValue::from_container(self.heap.new_container(true)) };
        if from == 0 {
            self.note_other_read(key.words(), &value);
        }
        value
    }

    /// Calls a function of Python that the analysis knows.
    fn call_builtin(&mut self, path: &str, callee: &FlowValue, args: &CallArguments) -> FlowValue {
        let first = args.first_positional();
        match path {
            "dict" | "copy.copy" => {
                let id = self.heap.new_container(false);
                self.copy_into(id, &first);
                self.store_keywords(&FlowValue::from_container(id), args);
                FlowValue { known: first.known_of_copy(), ..FlowValue::from_container(id) }
            }
            // `functools.partial(os.environ.get)` behaves like the reader itself.
            "functools.partial" if args.positional.len() == 1 => first,
            "collections.ChainMap" => {
                let id = self.heap.new_container(false);
                let mut known = KnownAs::Nothing;
                for one in args.positional.iter().rev() {
                    self.copy_into(id, one);
                    known = one.known_of_copy().or(known);
                }
                FlowValue { known, ..FlowValue::from_container(id) }
            }
            "copy.deepcopy" => {
                let from = self.heap.variables_of(&first);
                FlowValue { from, ..FlowValue::from_container(self.heap.new_container(true)) }
            }
            "getattr" => match args.value_at(1, &[]).words() {
                [name] => self.lookup_attribute(&first, &name.clone()),
                _ => FlowValue::from_variables(self.heap.variables_of(&first)),
            },
            "setattr" => {
                if let [name] = args.value_at(1, &[]).words() {
                    self.store_attribute(&first, name, &args.value_at(2, &[]));
                }
                FlowValue::default()
            }
            path if LISTS.contains(&path) => {
                let id = self.heap.new_container(false);
                let (elements, certain) = self.loop_elements(&first);
                for (index, element) in elements.into_iter().enumerate() {
                    if certain {
                        self.heap
                            .set(HeapSlot::Field(id, format!("#{index}").into()), Some(element));
                    } else {
                        self.heap.add_value(HeapSlot::Rest(id), &element);
                    }
                }
                FlowValue { from: first.from, ..FlowValue::from_container(id) }
            }
            "map" => self.map_elements(&first, &args.value_at(1, &[])),
            path if PURE.contains(&path) => FlowValue::from_variables(self.variables_of_all(args)),
            _ => self.call_unknown(callee, args),
        }
    }

    /// Calls an unknown function. Its result depends on all arguments.
    pub(super) fn call_unknown(&mut self, callee: &FlowValue, args: &CallArguments) -> FlowValue {
        self.note_readers_passed(args);
        let mut from = self.heap.variables_of(callee) | self.variables_of_all(args);
        for value in args.all_values() {
            if let KnownAs::Function(number) = value.known {
                // The function may call its argument: `field(default_factory=lambda: ...)`.
                from |= self
                    .run_on_trial(|flow| flow.run_function(number, CallArguments::default()))
                    .from;
            }
        }
        if args.all_values().any(|value| !value.objects.is_empty()) {
            self.escaped |= from;
        }
        let mut value = FlowValue::default();
        if let Some(path) = callee.path() {
            value = self.lookup_path(&format!("{path}()"));
            // Two calls return two different objects.
            value.objects.clear();
        }
        value.objects.push(self.heap.new_container(true));
        value.from |= from;
        value
    }

    /// Returns the variables in all arguments.
    pub(super) fn variables_of_all(&mut self, args: &CallArguments) -> u64 {
        args.all_values().fold(0, |from, value| from | self.heap.variables_of(value))
    }

    /// Stores keyword arguments under their names, as `dict(a=1)` does.
    pub(super) fn store_keywords(&mut self, base: &FlowValue, args: &CallArguments) {
        for (name, value) in &args.named {
            match name {
                Some(name) => self.store_key(base, &FlowValue::from_word(name), value),
                None => base.objects.iter().for_each(|id| self.update_container(base, *id, value)),
            }
        }
    }
}
