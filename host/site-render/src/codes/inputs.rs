//! Findings on an environment and its values files.

crate::catalog! {
    CHART_OTHER: Error, Inputs, "chart/other",
        "The chart of `--chart` is not the one that the environment names, so the values are checked against another chart than Argo CD will use. A chart that differs in its patch version only is a warning.",
        "Name the archive of the right version, or add `--other-chart`.";
    CHART_RANGE: Error, Inputs, "chart/range",
        "The version of the chart is not a version or a range, or the range allows several major versions, whose values may differ. Policies see the lowest version of a range.",
        "Name one version, or a range inside one major version such as `~3.1.0`.";
    CLUSTER_MOVED: Error, Inputs, "cluster/moved",
        "The profile names another cluster than its snapshot, `cluster.yaml`. Argo CD deploys a moved site to the new cluster, and deletes nothing at the old one: its workers would still take jobs.",
        "Close the gate and wait until Argo CD has pruned the workers. Then change the cluster, open the gate and run `cmp cluster snapshot` in one commit. If only the URL of the same cluster has changed, `cmp cluster snapshot` is enough.";
    CLUSTER_SNAPSHOT: Error, Inputs, "cluster/snapshot",
        "A `cluster.yaml` has a Kubernetes version or a list of APIs that is not valid.",
        "Write the file again with `cmp cluster snapshot`, or delete it.";
    CLUSTER_STALE: Warning, Inputs, "cluster/stale",
        "Argo CD reports another Kubernetes version, or more APIs, than the snapshot of the cluster in Git. The render uses the snapshot.",
        "Refresh the snapshot with `cmp cluster snapshot` and commit it.";
    COMPONENT_UNKNOWN: Error, Inputs, "component/unknown",
        "The environment does not have the requested component, or it has several and the request names none.",
        "Select one of the components that the message lists with `--component`.";
    ENVIRONMENT_MISSING: Error, Inputs, "environment/missing",
        "A folder below `environments/` has no `environment.yaml` and no `environment.jsonnet`.",
        "Add the file, or delete the folder.";
    ENVIRONMENT_NO_COMPONENTS: Error, Inputs, "environment/no-components",
        "An environment lists no component, so its sites have nothing to deploy.",
        "Add a component under `components`.";
    ENVIRONMENT_PLUGIN: Error, Inputs, "environment/plugin",
        "The `plugin` section of a component names an unknown source or target, or has a path or name that is not valid.",
        "Correct the key that the message names: `source` must be one of the component's `sources`.";
    ENVIRONMENT_TWICE: Error, Inputs, "environment/twice",
        "An environment has its document both as YAML and as Jsonnet.",
        "Keep one of the two files.";
    ENVIRONMENT_UNKNOWN: Error, Inputs, "environment/unknown",
        "The fleet has no folder of this name below `environments/`.",
        "Correct the name, or add the folder `environments/<name>/` with an `environment.yaml`.";
    KEY_MISSING: Error, Inputs, "key/missing",
        "A required key is missing, null or empty.",
        "Add the key with a value.";
    KEY_CONTROL_CHARACTER: Error, Inputs, "key/control-character",
        "A string that names something, such as a path or a version, has a line break, another control character, or a character that changes the direction of text.",
        "Remove the character.";
    KEY_EMPTY: Error, Inputs, "key/empty",
        "A mapping whose keys are names, such as `components`, has an empty key.",
        "Give the entry a name, or remove it.";
    KEY_WRONG_VALUE: Error, Inputs, "key/wrong-value",
        "A key has a value that is not one of its allowed values.",
        "Use one of the values that the message lists.";
    REFERENCE_SOURCE: Error, Inputs, "reference/source",
        "A reference `$source/path` names a source that the component does not have.",
        "Use one of the component's sources, or add the source under `sources` of the component.";
    SCHEMA_EXTENSION: Error, Inputs, "schema/extension",
        "An extension of a global cluster's schema changes, removes or restricts something that the base schema already defines.",
        "Only add new properties and definitions in an extension. Change the base schema for everything else.";
    SECRET_LITERAL: Error, Inputs, "secret/literal",
        "A values file, an edit, a configuration or a resource file contains a secret as plain text. Values end up in Git, in Argo CD's cache and in its UI.",
        "Keep the value in a Secret and refer to it, for example with an ExternalSecret or an environment variable.";
    REFERENCE_FORM: Error, Inputs, "reference/form",
        "A reference to a file of another source does not have the form `$source/path`.",
        "Write `$`, the name of the source, `/` and the path of the file in it.";
    REFERENCE_PLACEHOLDER: Error, Inputs, "reference/placeholder",
        "A path contains `{{name}}` with a name that nothing replaces.",
        "Use one of the placeholders that the message lists. docs/reference.md says which keys have them.";
    REFERENCE_REVISIONS: Error, Inputs, "reference/revisions",
        "Two sources from which a component reads files are one Git repository at two revisions. Argo CD refuses such an Application: it has one checkout of a repository for it.",
        "Set `<source>_ref` of both sources to the same revision in the profile, or read the files from one source.";
    REFERENCE_VARIABLE: Error, Inputs, "reference/variable",
        "A values file's path contains a variable that is not one of Argo CD's build environment, or one that is known only during a sync. Argo CD replaces an unknown variable by nothing and reads another file.",
        "Use one of the variables that the message lists, or write the path without a variable.";
    SOURCE_CHANGED: Error, Inputs, "source/changed",
        "The files of a copy of another repository are not those that were recorded. Argo CD reads the repository, so a change in the copy has no effect at the sites.",
        "Restore the copy. To use another revision, copy it, and record its `ref` and its digest, which `cmp sources` prints.";
    SOURCE_NOT_RECORDED: Note, Inputs, "source/not-recorded",
        "The environment does not record the digest of a copy of another repository, so a change in the copy is not noticed.",
        "Add `sha256` with the digest in the message to the source in the environment.";
    SOURCE_UNREADABLE: Error, Inputs, "source/unreadable",
        "A copy of another repository has a file that cannot be read, or too many files.",
        "Copy only the files that the fleet refers to.";
    SOURCE_UNWATCHED: Error, Inputs, "source/unwatched",
        "The plugin parameter `manifest-generate-paths` does not cover a file on which the output depends. Argo CD renders an Application again only if a file changes that its annotation of that name covers.",
        "Set the annotation and the parameter to the paths that the error names.";
    SOURCE_REVISION: Error, Gate, "source/revision",
        "The revision of a source begins with `-`, so Git would read it as an option.",
        "Set `<source>_ref` to a branch, a tag or a commit.";
    SOURCE_URL: Error, Inputs, "source/url",
        "The URL of a Git or Helm repository has an unknown scheme, no host or a space, so Argo CD cannot fetch it.",
        "Correct the URL. Git URLs start with `https://`, `ssh://` or `user@host:`, those of charts with `https://` or `oci://`.";
    VALUES_ABSENT: Warning, Inputs, "values/absent",
        "A values file that all sites share does not exist, or no file matches a pattern. Argo CD ignores it, and so does the render.",
        "Add the file, or remove it from `valueFiles`.";
    VALUES_REMOVED: Warning, Inputs, "values/removed",
        "A null in a values file removes a mapping of an earlier file with everything in it. Often the values below the key are commented out, and the key itself is left.",
        "Remove the key, or set each value in it to null if all of them should be removed.";
    VALUES_REPEATED: Warning, Inputs, "values/repeated",
        "A values file is listed twice in `valueFiles`. Argo CD 3.5 reads it once, at its first position, and the render does the same.",
        "Remove one of the two entries.";
    VALUES_AFTER_JSONNET: Error, Inputs, "values/after-jsonnet",
        "A YAML values file follows a Jsonnet file in `valueFiles`. Argo CD cannot read Jsonnet, so the values of the Jsonnet file take precedence over all YAML values files, also over the later one.",
        "List Jsonnet files last, or write the later file in Jsonnet too.";
    VALUES_DOCUMENTS: Warning, Inputs, "values/documents",
        "A values file has several documents. Helm 4, in Argo CD from 3.5 on, merges them; Helm 3 reads the first and ignores the others.",
        "Write one document, or name the version with `argoCdVersion` in the environment.";
    VALUES_NO_SITE: Error, Inputs, "values/no-site",
        "A values file that each site may have exists at none of the open sites of an environment, so its path is probably misspelt. `cmp check` reports it.",
        "Correct the path in `valueFiles`, or remove it until a site has such a file.";
    VALUES_PATTERN: Error, Inputs, "values/pattern",
        "A pattern in `valueFiles` is not valid, is compared with too many files, or matches a file whose name Argo CD would read as a pattern or a variable.",
        "Correct the pattern, or list the files one by one.";
    VALUES_UNREADABLE: Note, Inputs, "values/unreadable",
        "A values file is in a source that this render cannot read. Argo CD will merge it, so values that it sets are not checked here.",
        "Map the source to a folder with `--source NAME=DIR`, or under `sources` of the environment. Set `unreadableValues: error` to refuse such a render.";
}
