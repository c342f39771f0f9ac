//! The keys of `cluster.yaml`.

use super::header::header;
use super::table::Fallback::{Nothing, Required};
use super::table::Kind::{Text, Texts};
use super::table::{File, Table, key};

/// A snapshot of a cluster's versions.
pub static CLUSTER: File = File {
    name: "cluster.yaml",
    title: "Snapshot of a cluster",
    about: "The versions of one cluster, in `sites/<site>/cluster.yaml` or, for a global cluster, \
            in `environments/<environment>/cluster.yaml`. `cmp cluster snapshot` writes it. The \
            file is optional: without it the versions that Argo CD reports are used.",
    null_is_absent: true,
    table: &TOP,
};

static TOP: Table = Table {
    path: "",
    about: "",
    keys: &[
        &header("\"ClusterSnapshot\""),
        &[
            key(
                "kubeVersion",
                Text,
                Required,
                "The version of Kubernetes, as the API server reports it.",
                "1.33.4",
            ),
            key(
                "cluster",
                Text,
                Nothing,
                "The `cluster_server` or `cluster_name` that the profile had when the snapshot was \
                 written. A site with another one is an error (`cluster/moved`).",
                "https://iad3.example.net:6443",
            ),
            key(
                "apiVersions",
                Texts,
                Required,
                "The APIs of the cluster, each as `GROUP/VERSION` or `GROUP/VERSION/KIND`. Charts \
                 see them as `.Capabilities.APIVersions`.",
                "[v1, apps/v1, apps/v1/Deployment]",
            ),
        ],
    ],
    open: false,
};
