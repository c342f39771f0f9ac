//! Findings on profiles and gates.

crate::catalog! {
    ENVIRONMENT_NO_GLOBAL: Error, Gate, "environment/no-global",
        "The targets `global` and `gateway` need the key `global` of a component, and the environment does not have it.",
        "Add `components.<component>.global` with its policies to the environment, or name another component.";
    EXPLAIN_CLOSED: Error, Gate, "explain/closed",
        "A component that is disabled at a site has no values, so there is nothing to explain.",
        "Explain a site at which `site.enabled` and `site.<component>.enabled` are true.";
    GATE_CLOSED: Note, Gate, "gate/closed",
        "The component is disabled at the site, because `site.enabled` or `site.<component>.enabled` is not true.",
        "If the component should run there, set both keys to true in the profile.";
    GATE_MISSPELT: Error, Gate, "gate/misspelt",
        "The profile does not have the requested component or its `enabled`, but has a key with nearly the same name.",
        "Correct the name of the key, or add the component with `enabled: false` if both names are right.";
    GATE_NOT_BOOLEAN: Error, Gate, "gate/not-boolean",
        "A switch must be a boolean, because a string such as \"false\" would be true for many programs.",
        "Set the key to `true` or `false`, without quotes.";
    KEY_HEADER: Error, Profile, "key/header",
        "The header of the document, `apiVersion` or `kind`, belongs to another format.",
        "Set the key to the value that the message names, or leave it out.";
    KEY_NAME: Error, Profile, "key/name",
        "The name of a site or environment is the name of its folder, and `metadata.name` is different.",
        "Set `metadata.name` to the name of the folder, rename the folder, or leave the key out.";
    LABEL_KEY: Error, Gate, "label/key",
        "The key of a label is not one that Kubernetes accepts.",
        "Use at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit first and last. A DNS name and `/` may stand before it.";
    LABEL_VALUE: Error, Profile, "label/value",
        "Kubernetes does not accept the value of a label in `appLabels`.",
        "Use at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit first and last.";
    PROFILE_EMPTY: Error, Profile, "profile/empty",
        "The profile exists, but it contains nothing.",
        "Write the profile, or delete the site's folder.";
    PROFILE_ENVIRONMENT: Error, Profile, "profile/environment",
        "The profile names no environment, its partition label selects none, or the caller names another one.",
        "Set `environment: NAME` in the profile, and use the same name in `--environment` or leave that out.";
    PROFILE_MISSING: Error, Profile, "profile/missing",
        "The folder of the site contains no profile.",
        "Write `profile.yaml` in the folder, or delete the folder.";
    PROFILE_PARTITION: Error, Profile, "profile/partition",
        "A profile has the partition label of another environment than the one it belongs to.",
        "Set the label `understack.rackspace.com/partition` to the `partition` of the environment, or correct `environment` in the profile.";
    PROFILE_TWICE: Error, Profile, "profile/twice",
        "The folder of the site contains more than one profile, and only one of them could be used.",
        "Keep one of the files and delete the others.";
    SITE_DESTINATION: Error, Gate, "site/destination",
        "An open site does not name its cluster, names it twice, or by something that is not a URL.",
        "Set `cluster_server` in the profile to the URL of the site's API server, as `argocd cluster list` prints it, or `cluster_name` to its name.";
    SITE_SHARED_APPLICATION: Error, Gate, "site/shared-application",
        "Two Applications of the fleet have the same name, so Argo CD would replace one by the other.",
        "Rename the folder of a site, or set `suffix` of a component.";
    SITE_SHARED_DESTINATION: Error, Gate, "site/shared-destination",
        "Two open sites deploy to the same cluster and namespace, so their Applications overwrite and prune each other's objects.",
        "Set `cluster_server` or `cluster_name` in each profile to the site's own cluster, or close one of the sites.";
    SITE_LABEL_SHARED: Warning, Profile, "site/label-shared",
        "Two sites have the same value of the label `understack.rackspace.com/site`, so policies that read it treat them as one site.",
        "Give each site a value of its own.";
    SITE_UNKNOWN: Error, Profile, "site/unknown",
        "The fleet has no folder of that name below `sites/`.",
        "Correct the name of the site: it is the name of a folder below `sites/`.";
}
