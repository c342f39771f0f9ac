//! Findings about a configuration file and its layers.

crate::catalog! {
    CONFIG_CONTROL_CHARACTER: Error, Inputs, "config/control-character",
        "A configuration layer contains a control character or another character that YAML does not allow, so the chart cannot carry the file in a ConfigMap.",
        "Write the character as a Python escape such as `\\u200b`, or remove it.";
    CONFIG_DEL_UNBOUND: Error, Inputs, "config/del-unbound",
        "A layer deletes a name with `del` that neither it nor a layer below it has bound, so Python would stop with a `NameError`.",
        "Remove the `del`, or bind the name before it.";
    CONFIG_DYNAMIC: Warning, Inputs, "config/dynamic",
        "A layer calls `globals()`, `locals()`, `vars()`, `exec()` or `eval()`, which can bind any name, so the merge cannot list the names that it overrides.",
        "Assign the names directly. The warning does not stop the render.";
    CONFIG_EMPTY: Error, Inputs, "config/empty",
        "A configuration layer has no content. The chart mounts nothing for an empty file, so the image's own configuration would run instead.",
        "Write at least one statement or comment into the file, or remove the layer from the list.";
    CONFIG_IMPORTS_LAYER: Error, Inputs, "config/imports-layer",
        "A layer imports another layer of the same configuration. All layers are merged into one module, so that import would fail or run the other layer a second time.",
        "Remove the import. A layer sees all names of the layers below it.";
    CONFIG_INDENTED: Error, Inputs, "config/indented",
        "The first line of a configuration layer is indented, and the YAML block that the chart renders from it would not be valid.",
        "Start the first line in column 1.";
    CONFIG_LAYER_TWICE: Error, Inputs, "config/layer-twice",
        "The same file is listed twice among the layers of a configuration.",
        "Remove one of the two entries.";
    CONFIG_LAYERS: Error, Inputs, "config/layers",
        "Two policies choose different layers for the configuration, or a policy chooses layers for a component that has no configuration file.",
        "Change the settings of the policies so that at most one list of layers remains, or add `config` to the component in environment.yaml.";
    CONFIG_MUST_READ: Error, Validate, "config/must-read",
        "A policy sets environment variables on the pods, and the configuration file does not read one of them, so the value would have no effect.",
        "Read the variable in the configuration, for example with `os.environ[\"NAME\"]`, or choose a configuration file that reads it.";
    CONFIG_NO_EFFECT: Warning, Validate, "config/no-effect",
        "The configuration reads an environment variable that a policy sets, but does not use its value in any of the settings that the policy names.",
        "Store the value in one of the settings named in the message.";
    CONFIG_NO_LAYERS: Error, Profile, "config/no-layers",
        "The key of a profile that lists the layers of the configuration has an empty list.",
        "List at least one layer, or remove the key to use the environment's configuration.";
    CONFIG_NOT_FOLLOWED: Warning, Validate, "config/not-followed",
        "The configuration is too complex to analyse within the step limit, so it is unknown whether it keeps the values of the variables that a policy sets.",
        "Assign the settings named in the message at the top level, without nested functions and loops.";
    CONFIG_NOT_UTF8: Error, Inputs, "config/not-utf8",
        "A configuration layer contains bytes that are not valid UTF-8.",
        "Save the file as UTF-8.";
    CONFIG_READS_DELETED: Error, Inputs, "config/reads-deleted",
        "A layer reads a name that a layer below it has deleted with `del`, so Python would stop with a `NameError`.",
        "Bind the name again before reading it, or remove the `del` from the lower layer.";
    CONFIG_REBOUND: Note, Inputs, "config/rebound",
        "A layer binds or deletes a name that a layer below it has bound. The upper layer wins.",
        "No action is needed if the override is intended. Otherwise rename one of the two.";
    CONFIG_SIZE: Error, Inputs, "config/size",
        "The configuration, or the merge of its layers, is larger than a ConfigMap can hold together with its names and metadata.",
        "Move large data into a file of the image, and read it from there.";
    CONFIG_STAR: Warning, Inputs, "config/star",
        "An `import *` may override names that were bound before it, and its names are unknown until the pod runs.",
        "Import the names explicitly, or move the `import *` to the top of the lowest layer.";
    CONFIG_STAR_CONDITIONAL: Error, Inputs, "config/star-conditional",
        "Two layers have the same `import *`, and one of them runs it only under a condition, so the two cannot be merged into one.",
        "Keep the import in the lowest layer alone, outside any `if`, `try`, `with` or loop.";
    CONFIG_STAR_LATE: Error, Inputs, "config/star-late",
        "A layer repeats an `import *` of a lower layer after it has bound names that the import may override.",
        "Move the import to the top of its layer, or remove it: the lower layer has it already.";
    CONFIG_SYNTAX: Error, Inputs, "config/syntax",
        "A configuration layer is not valid Python, or it uses a feature that cannot be merged, such as a relative import.",
        "Fix the line in the message. `python -m py_compile FILE` reports most of these errors too.";
    CONFIG_THROWN_AWAY: Error, Validate, "config/thrown-away",
        "A later statement or layer replaces a setting that contains the values of environment variables that a policy sets, so these values are lost.",
        "Change only the keys that you need, for example with `.update(...)`, or move the assignment above the line that reads the variables.";
    CONFIG_TOO_DEEP: Error, Inputs, "config/too-deep",
        "Brackets, blocks or chained operators in a configuration layer nest deeper than the parser's limit.",
        "Split the expression into several statements.";
    CONFIG_UNREADABLE: Note, Inputs, "config/unreadable",
        "A configuration layer belongs to a source whose files are not available here, so its content is not checked. It is an error if the layer must be merged with others or its chart must be rendered here.",
        "Map the source to a folder with `--source NAME=DIR`, or in `sources` of environment.yaml.";
}
