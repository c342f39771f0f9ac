//! The codes of findings of this policy. `mtls/server-name` is in `worker_connections::codes`,
//! because `mtls-clients` reports it too.

policy_sdk::catalog! {
    MTLS_CA_KEY_ON_SITE: Error, "mtls/ca-key-on-site",
        "An object would bring the private key of the certificate authority to a site, or would sign certificates there. With that key anyone can impersonate any site.",
        "Remove the object from the site: the policy mtls-clients issues the certificates of sites on the global cluster. If the Secret is reported only because of its name, such as one that ends with `-ca`, and does not contain that key, rename it.";
    MTLS_ROTATION: Warning, "mtls/rotation",
        "A Certificate of an authority lets cert-manager create a new private key at each renewal, after which servers refuse every certificate that the old key signed.",
        "Set privateKey.rotationPolicy: Never in the Certificate of the authority.";
    OBJECT_CLUSTER_SCOPED: Error, "object/cluster-scoped",
        "An object of a site has a kind without a namespace, so it belongs to the whole cluster: two components with the same object would overwrite each other's changes, and removing one component would delete the object for all.",
        "Install the object with the cluster. If a site may have it, add its kind to the setting allow of site-invariants.";
    OBJECT_NAME: Error, "object/name",
        "An object has no name, or a name that the Kubernetes API server refuses for its kind.",
        "Set metadata.name to a name that is valid for the kind; the hint has the rule.";
    OBJECT_NAMESPACE: Error, "object/namespace",
        "An object has no namespace, or its namespace is not a valid name.",
        "Set metadata.namespace. If the kind has no namespace, add it to the setting clusterScoped of site-invariants.";
    SECRET_LITERAL: Error, "secret/literal",
        "An object contains a secret in plain text, which would be readable in Git, in Argo CD's cache and in its UI.",
        "Store the secret in a secret store and refer to it, for example with an ExternalSecret (policy site-secrets).";
}
