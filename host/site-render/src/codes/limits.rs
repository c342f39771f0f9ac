//! Findings on inputs that are too large or too expensive.

crate::catalog! {
    FINDINGS_MORE: Note, Render, "findings/more",
        "A render has more findings of one severity than a report lists.",
        "Fix the findings that are listed. The next render reports the others.";
    INPUTS_MEMORY: Error, Inputs, "inputs/memory",
        "The documents of one render (profiles, values files, resource files, schemas and the plans of policies) take more memory together than a render may use.",
        "Remove values that the render does not need, or split the component or the environment.";
    RESOURCES_MANY: Note, Resources, "resources/many",
        "So many objects are created that their names are not compared with each other, so a misspelt name is not reported.",
        "No action is needed. Distribute the objects over several components to have their names compared.";
    SCHEMA_COST: Error, Validate, "schema/cost",
        "The validation of a value against a JSON Schema would take too many steps, because the schema combines too many other schemas or searches too many items.",
        "Simplify the schema: avoid `allOf`, `anyOf`, `oneOf` and `$ref` that multiply each other.";
}
