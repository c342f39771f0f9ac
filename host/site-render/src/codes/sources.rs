//! Findings about files, YAML and keys.

crate::catalog! {
    FILE_IGNORED: Warning, Sources, "file/ignored",
        "A file in the folder of a site or an environment has almost the name of one that is read.",
        "Rename the file to the name in the hint, or remove it.";
    FILE_MISSING: Error, Sources, "file/missing",
        "A file that the fleet or an argument names does not exist.",
        "Create the file, or correct the path at the place in the message.";
    FILE_NOT_A_FILE: Error, Sources, "file/not-a-file",
        "A path that must name a regular file names a folder, a device, a pipe or a socket.",
        "Name a regular file.";
    FILE_OUTSIDE: Error, Sources, "file/outside",
        "A path or a symbolic link leaves the folder of its fleet or source.",
        "Move the file below the folder that holds policies.lock, or let the link point to a file there.";
    FILE_TOO_LARGE: Error, Sources, "file/too-large",
        "A file is larger than the limit for its kind.",
        "Split the file, or remove content that the render does not need.";
    FILE_UNREADABLE: Error, Sources, "file/unreadable",
        "The operating system returned an error when the file was read.",
        "Check the permissions and the file system, then run the command again.";
    FLEET_LAYOUT: Error, Sources, "fleet/layout",
        "The fleet has no `sites/` or `environments/` folder, or the folder cannot be listed.",
        "Run the command in the folder that holds policies.lock, and keep sites in `sites/NAME/` and environments in `environments/NAME/`.";
    KEY_UNKNOWN: Warning, Sources, "key/unknown",
        "A file has a key that site-cmp does not know. The key is ignored.",
        "Correct the spelling, or remove the key. docs/reference.md lists all keys.";
    KEY_WRONG_KIND: Error, Sources, "key/wrong-kind",
        "The value of a key has the wrong type, for example a number where a string is required.",
        "Write a value of the type in the message. Put a string that looks like a number or a boolean in quotes.";
    PATH_OUTSIDE: Error, Sources, "path/outside",
        "A path in a file of the fleet is absolute or contains `..`, so it would leave its tree, or it has more than 4,096 bytes.",
        "Write a relative path to a file below the folder that the path starts from.";
    YAML_ALIASES: Error, Sources, "yaml/aliases",
        "An alias (`*name`) refers to an anchor that is incomplete or in another document, or the aliases expand to far more than the file contains.",
        "Define the anchor before the alias in the same document, or write the values out.";
    YAML_CONTROL_CHARACTER: Error, Sources, "yaml/control-character",
        "The file contains a character that YAML does not allow.",
        "Remove the character, or write it as an escape in a double-quoted string.";
    YAML_DEPTH: Error, Sources, "yaml/depth",
        "Mappings and lists in the file nest deeper than the limit.",
        "Flatten the document.";
    YAML_DIRECTIVE: Error, Sources, "yaml/directive",
        "The file contains a YAML directive (a line that starts with `%`), which Helm does not read.",
        "Remove the directive.";
    YAML_DOCUMENT_MARKER: Error, Sources, "yaml/document-marker",
        "Content follows `---` on the same line, and Helm rejects such a file.",
        "Move the content to the next line.";
    YAML_DUPLICATE_KEY: Warning, Sources, "yaml/duplicate-key",
        "A mapping contains the same key twice. As in Helm, the later entry wins.",
        "Remove one of the two entries.";
    YAML_IGNORED_DOCUMENT: Warning, Sources, "yaml/ignored-document",
        "A document follows a line of `...`. Helm ignores it, so it is ignored here too.",
        "Separate documents with a line of `---`.";
    YAML_KEY: Error, Sources, "yaml/key",
        "A mapping has a key that Helm cannot read: a list, a mapping, or an integer outside 64 bits.",
        "Use a string as the key.";
    YAML_LINE_BREAK: Error, Sources, "yaml/line-break",
        "The file contains a Unicode line break (U+0085, U+2028 or U+2029), which Helm reads as the end of a line and other parsers do not.",
        "Remove the character, or write it as an escape in a double-quoted string.";
    YAML_MERGE_KEY: Error, Sources, "yaml/merge-key",
        "The value of the merge key `<<` is not a mapping or an inline list of mappings.",
        "Use an alias of a mapping, such as `<<: *name`, or a list of such aliases, such as `<<: [*one, *two]`.";
    YAML_MERGE_ORDER: Warning, Sources, "yaml/merge-order",
        "The merge key `<<` replaces a key that is written above it in the same mapping, because Helm lets the later entry win.",
        "Move `<<` to the top of its mapping.";
    YAML_NOT_UTF8: Error, Sources, "yaml/not-utf8",
        "The file contains bytes that are not valid UTF-8.",
        "Save the file as UTF-8.";
    YAML_NULL_KEY: Error, Sources, "yaml/null-key",
        "A mapping has a null key, which Helm rejects.",
        "Give the key a name, or put it in quotes.";
    YAML_NUMBER: Error, Sources, "yaml/number",
        "The file contains an infinity or a NaN, which JSON cannot represent.",
        "Write a finite number, or put the value in quotes to make it a string.";
    YAML_SIZE: Error, Sources, "yaml/size",
        "The values of the file would take more than 48 MiB of memory.",
        "Split the file, or remove values that the render does not need.";
    YAML_SYNTAX: Error, Sources, "yaml/syntax",
        "The file is not valid YAML.",
        "Fix the line in the message. Unbalanced quotes, brackets and indentation are the most frequent causes.";
    YAML_TABS: Error, Sources, "yaml/tabs",
        "A tab is used as indentation, which YAML does not allow.",
        "Indent with spaces.";
    YAML_TAG: Error, Sources, "yaml/tag",
        "A value does not match its explicit tag, for example `!!int abc`.",
        "Correct the value, or remove the tag.";
}
