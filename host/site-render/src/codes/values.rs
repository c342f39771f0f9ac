//! Findings on overlays, objects, final values and documents.

crate::catalog! {
    DEPLOY_ARGO_CD: Error, Resources, "deploy/argo-cd",
        "A fleet would deploy an object that configures Argo CD, or into Argo CD's own namespace. Such an object could give a site the rights of Argo CD.",
        "Create such objects outside the fleet. An operator can allow them with `deploy.argoCdObjects` in the limits file.";
    DEPLOY_NAMESPACE: Error, Resources, "deploy/namespace",
        "A resource file has an object in another namespace than that of its component.",
        "Leave `metadata.namespace` out. An operator can allow more namespaces with `deploy.namespaces` in the limits file.";
    DEPLOY_PROJECT: Error, Inputs, "deploy/project",
        "The environment chooses an Argo CD project that its Applications may not have. The project `default` has no limits, so it must be allowed expressly.",
        "Choose another `project` in the environment. An operator can list the allowed ones with `deploy.projects` in the limits file.";
    EMIT_LARGE: Warning, Emit, "emit/large",
        "An object has more than 200 KB. The API server refuses objects over 1.5 MiB, and a client-side apply those over 256 KiB, because it stores a copy of the object in an annotation.",
        "Have it applied with `ServerSideApply=true`, as the shipped ApplicationSet does, and move large texts out of the object.";
    EMIT_NULL: Error, Emit, "emit/null",
        "The Application's `valuesObject` has a null. A patch of the Application takes it for a removal, so the null gets lost, and the chart's default returns.",
        "Set an explicit value that disables the feature, such as `enabled: false`, or write the null into a values file, which Argo CD reads itself.";
    EMIT_NOTHING: Error, Emit, "emit/nothing",
        "The gate is open, but no document is emitted. Argo CD would delete everything that the Application has deployed.",
        "Check that the policies of the component return objects for this target.";
    EMIT_TARGET: Error, Emit, "emit/target",
        "The target belongs to an environment and the request is for a site, or the other way round.",
        "Request `global` and `gateway` with `--environment`, and all other targets with `--site`.";
    EXPLAIN_PATH: Error, Merge, "explain/path",
        "The final values have nothing at the requested path.",
        "Correct the path: a JSON Pointer such as `/web/replicas`, or keys with dots such as `web.replicas`.";
    GATEWAY_SHARED_LISTENER: Error, Validate, "gateway/shared-listener",
        "The Gateways of two environments listen on the same hostname and port, so a site could reach the wrong global cluster.",
        "Give each environment hostnames of its own.";
    NAME_APPLICATION: Error, Validate, "name/application",
        "The name of the Application, `<site>-<suffix>`, is longer than a Kubernetes label value may be.",
        "Rename the site's folder to a shorter name.";
    NAME_SITE: Error, Validate, "name/site",
        "The name of a site's folder is not a valid Kubernetes name (RFC 1123 label).",
        "Rename the folder: lower-case letters, digits and `-`, with a letter or digit first and last.";
    OVERLAY_CONFLICT: Error, Overlay, "overlay/conflict",
        "Two policies set the same value, or overlapping values, differently.",
        "Change the settings of one of the two policies, or remove one of them.";
    OVERLAY_EMPTY: Error, Emit, "overlay/empty",
        "No policy sets a value of the chart, so a site would get everything that the chart installs by default.",
        "List the component's policies under `policies` in the environment.";
    OVERLAY_IN_LIST: Error, Overlay, "overlay/in-list",
        "A policy edits an item of a list. Helm merges no lists, so an edit can only replace a whole list.",
        "Report this bug to the author of the policy: the edit must set the whole list.";
    OVERLAY_LIST_REPLACED: Note, Overlay, "overlay/list-replaced",
        "A policy replaces a list of the base values and does not keep all its items.",
        "Check that the removed items are not needed; `cmp explain` shows the reason of the edit.";
    OVERLAY_NULL: Warning, Overlay, "overlay/null",
        "A policy removes a value with a null. Helm versions handle a null differently, so the chart's default may return.",
        "Use a policy that sets an explicit value, such as `enabled: false`.";
    OVERLAY_OVERLAP: Error, Overlay, "overlay/overlap",
        "Two edits of one policy set the same value differently, or one of them is inside the other.",
        "Report this bug to the author of the policy.";
    OVERLAY_PATH: Error, Overlay, "overlay/path",
        "The path of an edit is not a valid JSON Pointer, or it is too deep.",
        "Report this bug to the author of the policy.";
    OVERLAY_UNDER_SCALAR: Error, Overlay, "overlay/under-scalar",
        "A policy edits a key below a value that is not a mapping.",
        "Check that the values file has a mapping at the parent of that path.";
    OVERLAY_WHOLE_DOCUMENT: Error, Overlay, "overlay/whole-document",
        "A policy edits the root path, which would replace all values.",
        "Report this bug to the author of the policy.";
    POLICY_MANIFEST: Error, Resources, "policy/manifest",
        "A policy returns a manifest that is not a valid Kubernetes object, or an object that another policy returns too.",
        "Report this bug to the author of the policy, or remove one of the two policies.";
    RESOURCES_ABSENT: Warning, Resources, "resources/absent",
        "A folder of resource files that all sites share does not exist.",
        "Add the folder, or remove it from `resources`.";
    RESOURCES_CHANGED: Note, Resources, "resources/changed",
        "A resource file overrides a field that a policy or an earlier folder set.",
        "Check that the override is intended. Remove the field from the resource file if it is not.";
    RESOURCES_CONFLICT: Error, Resources, "resources/conflict",
        "Two folders of resource files set the same field of an object differently, and neither of them created the object.",
        "Set the field in one of the two files only.";
    RESOURCES_FOLDER: Error, Resources, "resources/folder",
        "A folder of resource files cannot be listed.",
        "Check that `resources` names a folder inside the fleet.";
    RESOURCES_IGNORED: Warning, Resources, "resources/ignored",
        "A folder of resource files has a folder in it, or a file of another format. Neither is read. Only the first of several is reported.",
        "Write the objects into a .yaml file of the folder, or list the inner folder under `resources` too.";
    RESOURCES_ITEM: Error, Resources, "resources/item",
        "A list that is merged by a key, such as `containers` by `name`, has an item without that key, or two items with the same one.",
        "Give each item a key of its own.";
    RESOURCES_KIND: Error, Resources, "resources/kind",
        "Two layers set one field to values of different kinds, such as a mapping and a list.",
        "Write the field in the later file as the same kind of value.";
    RESOURCES_NEAR_NAME: Warning, Resources, "resources/near-name",
        "A resource file creates an object whose name is almost the name of another object of the same kind.",
        "Correct the name if the file was meant to change the other object.";
    RESOURCES_OBJECT: Error, Resources, "resources/object",
        "A document of a resource file is not one named Kubernetes object, or it has a directive of kustomize such as `$patch`.",
        "Give the document `apiVersion`, `kind` and `metadata.name`, split a List into its items, and write a null in place of `$patch: delete`.";
    RESOURCES_UNION: Error, Resources, "resources/union",
        "An object has two fields of which Kubernetes accepts one, such as `value` and `valueFrom` of a variable. Most often two layers set one each.",
        "Remove one of the two. To remove that of an earlier layer, set it to null.";
    RESOURCES_TOO_MANY: Error, Resources, "resources/too-many",
        "A folder of resource files has more files than the render reads.",
        "Combine files, or list several folders under `resources`.";
    VALUES_SUBCHART: Error, Merge, "values/subchart",
        "The values have something else than a mapping at the name of a subchart, or below it at that of one of its subcharts. Helm refuses such values.",
        "Write a mapping there; `condition` and `tags` of the chart's dependencies switch a subchart off.";
    SCHEMA_BROKEN: Error, Validate, "schema/broken",
        "The schema of a chart or of a global cluster's values is not valid JSON Schema.",
        "Correct the schema file, or use another version of the chart.";
    SCHEMA_CHART: Error, Validate, "schema/chart",
        "The final values do not satisfy the chart's values.schema.json, so `helm` would refuse them.",
        "Correct the value at the path in the message; `cmp explain` shows which file or policy sets it.";
    SCHEMA_EXTENDED: Error, Validate, "schema/extended",
        "The values of a global cluster do not satisfy the schema that the environment names.",
        "Correct the value at the path in the message; `cmp explain` shows which file or policy sets it.";
    SCHEMA_REMOTE: Note, Validate, "schema/remote",
        "The chart's schema refers to schemas on other hosts. They are never downloaded, so their part of the values is not validated. Argo CD downloads them, unless the environment sets `chart.skipSchemaValidation`, and renders nothing where it cannot reach their addresses; then this is a warning.",
        "Set `chart.skipSchemaValidation: true` in the environment. Check the values that only those schemas describe yourself.";
}
