//! Codes of the commands.

site_render::catalog! {
    ARGOCD_PARAMETER: Error, Sources, "argocd/parameter",
        "A plugin parameter or variable of the Application has an unknown name, an invalid value, or a form that the parameter does not accept.",
        "Correct it in the source's `plugin.parameters` or `plugin.env`. `cmp parameters --site NAME` lists all parameters.";
    ARGOCD_SITE: Error, Sources, "argocd/site",
        "No parameter names the site, and the path of the Application's source has no last folder whose name could be used.",
        "Set the parameter `site`, or let the source's path end with the site's folder, such as sites/NAME.";
    CERTS_AMBIGUOUS: Error, Inputs, "certs/ambiguous",
        "Two environments issue a Secret with the same name, so a file in the folder of certificates could belong to either.",
        "Check one environment at a time: `cmp certs --environment ENV --from DIR`.";
    CERTS_AUTHORITY_EXPIRED: Error, Inputs, "certs/authority-expired",
        "Every certificate authority in a ca.crt is expired, so clients and servers refuse all certificates that it issued.",
        "Renew the certificate authority on the global cluster, reissue its certificates, and export the Secrets again.";
    CERTS_DURATION: Warning, Inputs, "certs/duration",
        "A Certificate has a renewBefore that is not a valid Go duration, so `cmp certs` assumes renewal in the last third of its lifetime.",
        "Write the duration as Go does, such as 720h.";
    CERTS_FOLDER: Error, Inputs, "certs/folder",
        "The folder of certificates cannot be opened or listed.",
        "Check the path that `--from` names and the permissions of the folder.";
    CERTS_NO_GLOBAL: Error, Inputs, "certs/no-global",
        "No component of the environment has a global section, and only such a section issues certificates.",
        "Add the policies of scope global under `components.NAME.global.policies` in environment.yaml, or name another environment.";
    CERTS_PRIVATE_KEY: Warning, Inputs, "certs/private-key",
        "The folder of certificates contains a private key, which the check does not need.",
        "Delete the key from the folder. Replace the certificate if others could have read the key.";
    CERTS_STRANGER: Warning, Inputs, "certs/stranger",
        "A file in the folder of certificates has the name of a Secret that the fleet does not issue.",
        "Rename the file to the name of its Secret, or remove it.";
    CERTS_TWICE: Warning, Inputs, "certs/twice",
        "Two files in the folder of certificates belong to the same Secret; only the first is checked.",
        "Remove the file that is out of date.";
    CERTS_UNREADABLE: Error, Inputs, "certs/unreadable",
        "A file in the folder of certificates cannot be read, or does not contain a valid certificate in PEM format.",
        "Export the certificate again as PEM; `cmp certs --help` has a script for it.";
    CLI_HANDOVER: Error, Sources, "cli/handover",
        "The call was meant for the `cmp` of diffutils, but that program could not be started.",
        "Check that the other `cmp` on PATH can be executed.";
    CLUSTER_DISCOVERY: Error, Inputs, "cluster/discovery",
        "The answer of the Kubernetes API server, or the file that `--from` names, is not a complete list of the cluster's version and APIs.",
        "Create the file again as `cmp cluster snapshot --help` shows.";
    CLUSTER_KUBECTL: Error, Inputs, "cluster/kubectl",
        "kubectl is missing, or it could not read the version and APIs of the cluster.",
        "Install kubectl, check the context and the network, or pass the output of kubectl with `--from`.";
    CLUSTER_OUTDATED: Error, Inputs, "cluster/outdated",
        "The cluster's version or APIs have changed since its snapshot was written, or it has no snapshot.",
        "Run `cmp cluster snapshot` without `--check`, review the changes and commit cluster.yaml.";
    CLUSTER_WRITE: Error, Emit, "cluster/write",
        "The snapshot of a cluster cannot be written.",
        "Check the permissions of the folder and the free disk space.";
    DOCTOR_APPLICATION: Error, Sources, "doctor/application",
        "The file that `--application` names cannot be read, or has no Application for the folder that `--app` names.",
        "Pass a file with the Application or the ApplicationSet, such as the output of `kubectl get application NAME -o yaml`.";
    DOCTOR_ENVIRONMENT: Error, Sources, "doctor/environment",
        "The file with the repo-server's environment cannot be read.",
        "Pass the output of `env` in the repo-server's container.";
    EMIT_CHART_ADDRESS: Error, Emit, "emit/chart-address",
        "The name, version or repository of the environment's chart has a form that helm could read as the path of a file or as another address.",
        "Correct `chart` in environment.yaml. Credentials belong into helm's own configuration, not into the repository's address.";
    EMIT_FILE: Error, Emit, "emit/file",
        "The output directory or a file in it cannot be written.",
        "Check the path that `--out` names, its permissions and the free disk space.";
    EMIT_HELM: Error, Emit, "emit/helm",
        "Helm could not fetch or render the chart with the final values.",
        "Read Helm's error in the message. Correct the value that it names, or make the chart's repository reachable.";
    EMIT_HELM_LIMIT: Error, Emit, "emit/helm-limit",
        "Helm exceeded its limit on time, memory or output, and was killed.",
        "Check that the chart's repository answers, or let the operator raise the limit that the message names, in the block `helm` of the limits file.";
    EMIT_HELM_MISSING: Error, Emit, "emit/helm-missing",
        "The target manifests needs the program helm, which is missing or cannot be started.",
        "Install Helm, or name the program with `--helm` or SITE_CMP_HELM.";
    EMIT_HELM_OFF: Error, Emit, "emit/helm-off",
        "The target manifests runs helm, which the operator's limits file turns off. For `cmp serve` and `cmp generate` it is off by default, because a repository could make helm ask any address.",
        "Use the target application, or let the operator set `helm.enabled: true` and `helm.repositories` in the limits file.";
    EMIT_HELM_REPOSITORY: Error, Emit, "emit/helm-repository",
        "The chart is in a repository or registry that the operator does not list.",
        "Add its address to `helm.repositories` in the limits file, or use another repository.";
    EMIT_OUTPUT: Error, Emit, "emit/output",
        "Standard output cannot be written, for example because the disk is full.",
        "Check where standard output is redirected to.";
    EMIT_TOO_LARGE: Error, Emit, "emit/too-large",
        "The manifests are larger than a message that Argo CD accepts from a plugin.",
        "Raise ARGOCD_GRPC_MAX_SIZE_MB in the plugin's container and in the repo-server, or render the target application, which is small.";
    EXPLAIN_CODE: Error, Sources, "explain/code",
        "The code that `cmp explain --code` got is not a code of site-cmp or of its policies.",
        "Copy the code from the finding, where it is in brackets. Codes of your own policies are explained by their authors.";
    INPUTS_CHART: Error, Inputs, "inputs/chart",
        "The chart that `--chart` names cannot be read, or is not a valid Helm chart.",
        "Pass a chart directory or the .tgz that `helm pull` downloads.";
    INPUTS_VALUES_FILE: Error, Inputs, "inputs/values-file",
        "A values file that `--values` names cannot be read.",
        "Check the path and the permissions of the file. A values file may have at most 8 MiB.";
    LOCK_NAME: Error, Policies, "lock/name",
        "A file in policies/ has another name than the policy in it.",
        "Rename the file to the policy's name, then run `cmp policy lock`.";
    LOCK_OUTDATED: Error, Policies, "lock/outdated",
        "policies.lock does not match the files in policies/: a policy was added, removed or rebuilt.",
        "Run `cmp policy lock`, review the changes and commit the lock together with the policies.";
    LOCK_UNREADABLE: Error, Policies, "lock/unreadable",
        "The fleet's directory, its folder policies/ or a policy in it cannot be read.",
        "Check that policies/ exists and that its files can be read.";
    LOCK_WRITE: Error, Policies, "lock/write",
        "policies.lock cannot be written.",
        "Check the permissions of the fleet's directory and the free disk space.";
    OPERATOR_LIMITS: Error, Sources, "operator/limits",
        "The operator's limits file cannot be read, or has an unknown key or an invalid value.",
        "Correct the file that `--limits` or SITE_CMP_LIMITS names.";
    POLICY_BUILD: Error, Policies, "policy/build",
        "The policy could not be compiled, or its code could not be made a component.",
        "Correct the compiler's error in the message. The build needs a Rust toolchain with the target wasm32-unknown-unknown.";
    POLICY_CACHE: Error, Policies, "policy/cache",
        "The user has no cache directory for compiled policies, usually because HOME is not set.",
        "Name a directory with `--cache-dir` or SITE_CMP_CACHE.";
    POLICY_PRELOAD: Error, Policies, "policy/preload",
        "A path that `--preload` names is neither a policy nor a fleet that can be read, so the server does not start.",
        "Pass a policy's .wasm file, or a directory that contains policies.lock.";
    POLICY_UNREADABLE: Error, Policies, "policy/unreadable",
        "The .wasm file of a policy cannot be read.",
        "Check the path, the permissions and the size of the file.";
    PROFILE_FILE: Error, Profile, "profile/file",
        "The profile that `--profile` names cannot be read.",
        "Check the path and the permissions of the file.";
    PROFILE_SITE: Error, Profile, "profile/site",
        "The file that `--profile` names is in a folder without a name, so the name of the site is unknown.",
        "Name the site: `--site NAME`.";
    PROGRAM_BUG: Error, Sources, "program/bug",
        "site-cmp ended a call because of a bug in itself. Other calls are not affected.",
        "Report the message together with the Application.";
    SOURCES_FOLDER: Error, Sources, "sources/folder",
        "A directory that the command line names cannot be opened.",
        "Check the path and its permissions.";
    SOURCES_NO_FLEET: Error, Sources, "sources/no-fleet",
        "No fleet was found: neither the directory nor one above it contains policies.lock.",
        "Name the fleet's directory, or create the lock with `cmp policy lock`. Under Argo CD, set the annotation manifest-generate-paths to the fleet's root.";
    SOURCES_NO_SITE: Error, Sources, "sources/no-site",
        "The fleet, or the environment that was named, has no sites to render.",
        "Add a profile under sites/NAME/, or name another environment.";
    STAMP_LAYOUT: Error, Sources, "stamp/layout",
        "The YAML of an Application is written in a way in which the lock's digest cannot be inserted without another change to the file.",
        "Add the plugin parameter `policies-lock` with the digest by hand; later stamps then update it.";
    STAMP_OUTDATED: Error, Policies, "stamp/outdated",
        "An Application has the digest of another policies.lock, or none, so Argo CD may show output that it cached for other policies.",
        "Run `cmp policy lock --stamp DIR` and commit the changed Applications.";
    STAMP_UNREADABLE: Error, Sources, "stamp/unreadable",
        "A directory or file that `--stamp` names cannot be read.",
        "Check the path and its permissions.";
    STAMP_WRITE: Error, Emit, "stamp/write",
        "An Application cannot be written with the lock's new digest.",
        "Check the permissions of the file and the free disk space.";
}
