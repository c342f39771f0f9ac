//! An upper bound of the steps that a validation takes, counted before it begins.
//!
//! A schema of a few lines can combine itself with itself so often that a validation never ends,
//! and a regular expression is tried on each character of a text. The count follows the schema as
//! a validator does, but only counts, and stops at its limit. Where the validator chooses, it
//! follows every choice.

mod assertions;

use serde_json::{Map, Value as Json};

use super::references::References;

/// The steps of one validation: a second of the slowest keywords.
const MAX_STEPS: u64 = 1_000_000;

/// The levels of schemas that are nested at run time. Each takes up to a KiB of stack.
const MAX_DEPTH: usize = 400;

/// The steps of a validation exceed the limit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooExpensive;

type Counted = Result<(), TooExpensive>;

/// The steps of one validation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Steps {
    /// Steps that find out whether a value is valid.
    pub(super) verdict: u64,
    /// An upper bound of all errors.
    pub(super) errors: u64,
    /// An upper bound of the errors inside choices, and of the values that are copied into them.
    pub(super) copies: u64,
}

/// Counts the steps of validating `instance` against `schema`.
pub(super) fn count_steps(
    schema: &Json,
    references: &References<'_>,
    instance: &Json,
) -> Result<Steps, TooExpensive> {
    let mut counter = StepCounter { references, steps: Steps::default(), depth: 0, choices: 0 };
    counter.visit(schema, instance)?;
    Ok(counter.steps)
}

struct StepCounter<'r, 's> {
    references: &'r References<'s>,
    steps: Steps,
    depth: usize,
    /// How many `anyOf` and `oneOf` are around: their errors own copies of the values.
    choices: usize,
}

impl StepCounter<'_, '_> {
    fn add(&mut self, steps: usize) -> Counted {
        self.steps.verdict = self.steps.verdict.saturating_add(steps as u64);
        if self.steps.verdict > MAX_STEPS { Err(TooExpensive) } else { Ok(()) }
    }

    /// Counts one schema on one value.
    fn visit(&mut self, schema: &Json, value: &Json) -> Counted {
        self.add(1)?;
        let Json::Object(keywords) = schema else {
            return if schema == &Json::Bool(true) { Ok(()) } else { self.add_error(value) };
        };
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(TooExpensive);
        }
        for (keyword, argument) in keywords {
            self.visit_keyword(keyword, argument, keywords, value)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Counts one keyword of a schema.
    fn visit_keyword(
        &mut self,
        keyword: &str,
        argument: &Json,
        keywords: &Map<String, Json>,
        value: &Json,
    ) -> Counted {
        match keyword {
            "$ref" | "$dynamicRef" | "$recursiveRef" => self.visit_reference(argument, value),
            "allOf" => self.visit_all(argument, value),
            "anyOf" | "oneOf" => self.visit_choice(argument, value),
            "if" | "then" | "else" => self.visit(argument, value),
            "not" => self.visit(argument, value).and_then(|()| self.add_error(value)),
            "dependentSchemas" | "dependencies" => self.visit_dependencies(argument, value),
            "unevaluatedProperties" | "unevaluatedItems" => {
                self.visit_unevaluated(argument, keywords, value)
            }
            "properties" | "patternProperties" | "additionalProperties" | "propertyNames" => {
                let Json::Object(entries) = value else { return Ok(()) };
                self.visit_object_keyword(keyword, argument, keywords, entries)
            }
            "items" | "prefixItems" | "additionalItems" | "contains" => {
                let Json::Array(items) = value else { return Ok(()) };
                self.visit_array_keyword(argument, items)?;
                if keyword == "contains" { self.add_error(value) } else { Ok(()) }
            }
            _ => self.visit_assertion(keyword, argument, value),
        }
    }

    /// Counts every schema that a reference may mean.
    fn visit_reference(&mut self, reference: &Json, value: &Json) -> Counted {
        let references = self.references;
        let targets = reference.as_str().into_iter().flat_map(|text| references.targets(text));
        for target in targets {
            self.visit(target, value)?;
        }
        Ok(())
    }

    fn visit_all(&mut self, schemas: &Json, value: &Json) -> Counted {
        schemas.as_array().into_iter().flatten().try_for_each(|schema| self.visit(schema, value))
    }

    /// Counts a choice: once for the verdict, and once for the errors of each branch.
    fn visit_choice(&mut self, schemas: &Json, value: &Json) -> Counted {
        self.choices += 1;
        self.visit_all(schemas, value)?;
        self.choices -= 1;
        self.add_error(value)
    }

    fn visit_dependencies(&mut self, dependencies: &Json, value: &Json) -> Counted {
        for (key, schema) in dependencies.as_object().into_iter().flatten() {
            self.add(1)?;
            if let Json::Array(names) = schema {
                self.add(names.len())?;
            } else if value.get(key).is_some() {
                self.visit(schema, value)?;
            }
        }
        self.add_error(value)
    }

    /// Counts what is left of a value. The validator evaluates the other keywords of the schema
    /// again to find out what that is.
    fn visit_unevaluated(
        &mut self,
        argument: &Json,
        keywords: &Map<String, Json>,
        value: &Json,
    ) -> Counted {
        let others = keywords.iter().filter(|(keyword, _)| !keyword.starts_with("unevaluated"));
        for (keyword, other) in others {
            self.visit_keyword(keyword, other, keywords, value)?;
        }
        children(value).try_for_each(|child| self.visit(argument, child))
    }

    fn visit_object_keyword(
        &mut self,
        keyword: &str,
        argument: &Json,
        keywords: &Map<String, Json>,
        entries: &Map<String, Json>,
    ) -> Counted {
        match (keyword, argument) {
            ("properties", Json::Object(properties)) => {
                self.add(entries.len() + properties.len() / 8)?;
                let named = entries
                    .iter()
                    .filter_map(|(key, child)| properties.get(key).map(|schema| (schema, child)));
                named.into_iter().try_for_each(|(schema, child)| self.visit(schema, child))
            }
            ("patternProperties", Json::Object(patterns)) => {
                for (pattern, schema) in patterns {
                    for (key, child) in entries {
                        self.add_match(pattern, key)?;
                        self.visit(schema, child)?;
                    }
                }
                Ok(())
            }
            ("additionalProperties", schema) => self.visit_additional(schema, keywords, entries),
            ("propertyNames", schema) => {
                entries.keys().try_for_each(|key| self.visit(schema, &Json::String(key.clone())))
            }
            _ => Ok(()),
        }
    }

    /// Counts the properties that `properties` does not name. The validator tries each pattern on
    /// them.
    fn visit_additional(
        &mut self,
        schema: &Json,
        keywords: &Map<String, Json>,
        entries: &Map<String, Json>,
    ) -> Counted {
        let named = keywords.get("properties").and_then(Json::as_object);
        let patterns = keywords.get("patternProperties").and_then(Json::as_object);
        let others = entries.iter().filter(|(key, _)| !named.is_some_and(|n| n.contains_key(*key)));
        for (key, child) in others {
            for pattern in patterns.into_iter().flat_map(Map::keys) {
                self.add_match(pattern, key)?;
            }
            self.visit(schema, child)?;
        }
        Ok(())
    }

    /// Counts a keyword on the items of a list: a schema for each of them, or one for all.
    fn visit_array_keyword(&mut self, argument: &Json, items: &[Json]) -> Counted {
        match argument {
            Json::Array(schemas) => {
                let mut pairs = schemas.iter().zip(items);
                pairs.try_for_each(|(schema, item)| self.visit(schema, item))
            }
            schema => items.iter().try_for_each(|item| self.visit(schema, item)),
        }
    }
}

/// Returns the items of a list or the values of a mapping.
fn children(value: &Json) -> Box<dyn Iterator<Item = &Json> + '_> {
    match value {
        Json::Array(items) => Box::new(items.iter()),
        Json::Object(entries) => Box::new(entries.values()),
        _ => Box::new(std::iter::empty()),
    }
}
