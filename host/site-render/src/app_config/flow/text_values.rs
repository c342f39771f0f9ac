//! Texts that are built from known texts: names of variables that a configuration composes.

use std::rc::Rc;

use ruff_python_ast::{ConversionFlag, FStringPart, InterpolatedStringElement, Operator};
use ruff_python_ast::{ExprFString, InterpolatedElement};

use super::call::CallArguments;
use super::state::Flow;
use super::value::{FlowValue, KnownAs, MOST};

/// The maximum length of a key or of a variable's name, in bytes.
pub(super) const LONGEST: usize = 200;

/// The methods of texts that the analysis follows.
pub(super) const METHODS: &[&str] =
    &["format", "join", "upper", "lower", "strip", "removeprefix", "removesuffix", "replace"];

/// The possible texts of a value; `None` if it may be any text.
type Words = Option<Vec<String>>;

impl<'a> Flow<'a> {
    /// Evaluates an f-string to its text, if all parts are known.
    pub(super) fn eval_fstring(&mut self, text: &'a ExprFString) -> FlowValue {
        let mut words: Words = Some(vec![String::new()]);
        let mut from = 0;
        for part in text.value.as_slice() {
            match part {
                FStringPart::Literal(literal) => {
                    words = append_texts(words, Some(vec![literal.value.to_string()]));
                }
                FStringPart::FString(part) => {
                    for element in &part.elements {
                        let next = match element {
                            InterpolatedStringElement::Literal(literal) => {
                                Some(vec![literal.value.to_string()])
                            }
                            InterpolatedStringElement::Interpolation(shown) => {
                                let value = self.eval(&shown.expression);
                                from |= self.heap.variables_of(&value);
                                known_texts(&value).filter(|_| is_plain_interpolation(shown))
                            }
                        };
                        words = append_texts(words, next);
                    }
                }
            }
        }
        self.text_value(words, from)
    }

    /// Evaluates `a + b` and `a % b` of texts. Returns `None` if the left side is not a known
    /// text.
    pub(super) fn eval_text_operator(
        &mut self,
        left: &FlowValue,
        op: Operator,
        right: &FlowValue,
    ) -> Option<FlowValue> {
        let first = known_texts(left)?;
        let words = match op {
            Operator::Add => append_texts(Some(first), known_texts(right)),
            Operator::Mod => {
                let args = if right.objects.is_empty() {
                    vec![right.clone()]
                } else {
                    self.loop_elements(right).0
                };
                fill_holes(&first, "%s", &args)
            }
            _ => return None,
        };
        let from = self.heap.variables_of(left) | self.heap.variables_of(right);
        Some(self.text_value(words, from))
    }

    /// Calls a method of a text.
    pub(super) fn call_text_method(
        &mut self,
        receiver: &FlowValue,
        name: &str,
        args: &CallArguments,
    ) -> FlowValue {
        let from = receiver.from | self.variables_of_all(args);
        let own = known_texts(receiver);
        let argument = |index: usize| args.positional.get(index).and_then(known_texts);
        let each = |change: &dyn Fn(&str) -> String| {
            own.as_ref().map(|own| own.iter().map(|one| change(one)).collect())
        };
        let words = match (name, &argument(0).as_deref(), &argument(1).as_deref()) {
            ("format", ..) => own.and_then(|own| {
                let plain = fill_holes(&own, "{}", &args.positional);
                plain.filter(|_| args.named.is_empty()).or_else(|| fill_named_holes(own, args))
            }),
            ("join", ..) => {
                let (elements, certain) = self.loop_elements(&args.first_positional());
                own.filter(|_| certain).and_then(|own| join_texts(&own, &elements))
            }
            ("upper", ..) => each(&str::to_uppercase),
            ("lower", ..) => each(&str::to_lowercase),
            ("strip", None, None) => each(&|one| one.trim().to_owned()),
            ("removeprefix", Some([prefix]), None) => {
                each(&|one| one.strip_prefix(&**prefix).unwrap_or(one).to_owned())
            }
            ("removesuffix", Some([suffix]), None) => {
                each(&|one| one.strip_suffix(&**suffix).unwrap_or(one).to_owned())
            }
            ("replace", Some([old]), Some([new])) => each(&|one| one.replace(&**old, new)),
            _ => None,
        };
        self.text_value(words, from)
    }

    /// Returns a value with these texts, unless one is too long.
    fn text_value(&mut self, words: Words, from: u64) -> FlowValue {
        let words = words.filter(|words| words.iter().all(|word| word.len() <= LONGEST));
        let Some(words) = words else { return FlowValue::from_variables(from) };
        self.heap.take_steps(words.len());
        let known = KnownAs::Words(words.iter().map(|word| Rc::from(word.as_str())).collect());
        FlowValue { known, ..FlowValue::from_variables(from) }
    }
}

/// Returns the known texts of a value. Numbers are stored with a leading `#` and are not texts.
fn known_texts(value: &FlowValue) -> Words {
    let words = value.words();
    let known = !words.is_empty() && !words.iter().any(|word| word.starts_with('#'));
    known.then(|| words.iter().map(ToString::to_string).collect())
}

/// Returns each text of the first list followed by each of the second.
fn append_texts(first: Words, second: Words) -> Words {
    let (first, second) = (first?, second?);
    let fits = first.len() * second.len() <= MOST
        && first.iter().chain(&second).all(|word| word.len() <= LONGEST);
    fits.then(|| {
        let behind = |one: &String| {
            second.iter().map(move |two| [one.as_str(), two].concat()).collect::<Vec<_>>()
        };
        first.iter().flat_map(behind).collect()
    })
}

/// Fills each placeholder with a value. Returns `None` for a pattern with any other placeholder.
fn fill_holes(patterns: &[String], hole: &str, values: &[FlowValue]) -> Words {
    let [pattern] = patterns else { return None };
    let pieces: Vec<&str> = pattern.split(hole).collect();
    let other = |piece: &&str| piece.contains(['{', '}', '%']);
    if pieces.len() != values.len() + 1 || pieces.iter().any(other) {
        return None;
    }
    let mut words: Words = Some(vec![pieces.first()?.to_string()]);
    for (value, piece) in values.iter().zip(pieces.iter().skip(1)) {
        words =
            append_texts(append_texts(words, known_texts(value)), Some(vec![piece.to_string()]));
    }
    words
}

/// Fills placeholders that have names or numbers.
fn fill_named_holes(mut words: Vec<String>, args: &CallArguments) -> Words {
    let positional = args.positional.iter().enumerate();
    let positional = positional.map(|(index, value)| (index.to_string(), value));
    let named =
        args.named.iter().filter_map(|(name, value)| Some((name.as_ref()?.to_string(), value)));
    for (name, value) in positional.chain(named) {
        let hole = format!("{{{name}}}");
        if words.iter().any(|word| word.contains(&hole)) {
            let [text] = &known_texts(value)?[..] else { return None };
            for word in &mut words {
                *word = word.replace(&hole, text);
            }
        }
        if words.iter().any(|word| word.len() > LONGEST) {
            return None;
        }
    }
    (!words.iter().any(|word| word.contains(['{', '}']))).then_some(words)
}

/// Joins elements with a separator.
fn join_texts(between: &[String], elements: &[FlowValue]) -> Words {
    let [between] = between else { return None };
    let mut words: Words = None;
    for element in elements {
        words = match words {
            None => Some(known_texts(element)?),
            some => {
                append_texts(append_texts(some, Some(vec![between.clone()])), known_texts(element))
            }
        };
        words.as_ref()?;
    }
    words
}

/// Returns whether an interpolation of an f-string inserts the text of its value unchanged.
fn is_plain_interpolation(shown: &InterpolatedElement) -> bool {
    matches!(shown.conversion, ConversionFlag::None | ConversionFlag::Str)
        && shown.format_spec.is_none()
        && shown.debug_text.is_none()
}
