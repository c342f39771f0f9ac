//! The rules of an operator on the things that a fleet may deploy: projects, namespaces, and objects of Argo CD itself.
//!
//! A repository chooses its project and writes its own objects, so without these rules a pull
//! request could give its Application the rights of another one.

use serde::Deserialize;

use crate::codes;
use crate::finding::Finding;
use crate::keys::{Fallback, Key, Kind};
use crate::value::Node;

/// The project that Argo CD creates, which may deploy anything anywhere.
const DEFAULT_PROJECT: &str = "default";

/// The namespace in which Argo CD's own objects are, in all of its installs.
const ARGO_CD_NAMESPACE: &str = "argocd";

/// The kinds that configure Argo CD: with one of them, a site could deploy anything.
const ARGO_CD_KINDS: [&str; 3] = ["Application", "ApplicationSet", "AppProject"];

/// The label of Secrets that Argo CD reads clusters and repositories from.
const SECRET_TYPE: &str = "/metadata/labels/argocd.argoproj.io~1secret-type";

/// The rules of an operator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct DeployRules {
    /// The projects that an Application may have; all but `default` without a list.
    pub projects: Option<Vec<String>>,
    /// The namespaces that resource files may name in addition to the component's own.
    pub namespaces: Vec<String>,
    /// Whether objects of Argo CD itself may be deployed.
    pub argo_cd_objects: bool,
}

/// The keys of the rules.
pub const KEYS: &[Key] = &[
    Key {
        name: "projects",
        kind: Kind::Texts,
        default: Fallback::Rule("every project but `default`"),
        meaning: "The Argo CD projects that the Applications of sites may have.",
        example: "[understack]",
    },
    Key {
        name: "namespaces",
        kind: Kind::Texts,
        default: Fallback::Nothing,
        meaning: "The namespaces that resource files may name in addition to the namespace of their \
                  component.",
        example: "[monitoring]",
    },
    Key {
        name: "argoCdObjects",
        kind: Kind::Bool,
        default: Fallback::Value("false"),
        meaning: "Whether a fleet may deploy into the namespace `argocd`, and objects that configure \
                  Argo CD: Application, ApplicationSet, AppProject, and the Secrets of clusters and \
                  repositories.",
        example: "true",
    },
];

impl DeployRules {
    /// Checks the namespace of a component.
    pub(crate) fn check_namespace(&self, component: &str, namespace: &str) -> Option<Finding> {
        self.is_forbidden_namespace(namespace).then(|| {
            let message = format!(
                "component `{component}` deploys into namespace `{ARGO_CD_NAMESPACE}`, in which Argo CD's own objects are"
            );
            codes::DEPLOY_ARGO_CD.finding(message).hint("choose another `namespace` of the component")
        })
    }

    /// Checks the project of an Application.
    pub(crate) fn check_project(&self, project: &str) -> Option<Finding> {
        let hint = match &self.projects {
            Some(listed) if listed.iter().any(|one| one == project) => return None,
            Some(listed) => format!("the operator allows: {}", listed.join(", ")),
            None if project != DEFAULT_PROJECT => return None,
            None => "choose a project that limits repositories and destinations".to_owned(),
        };
        let message = format!("an Application may not have the Argo CD project `{project}`");
        Some(codes::DEPLOY_PROJECT.finding(message).hint(hint))
    }

    /// Checks an object that a policy or a resource file returns.
    pub(crate) fn check_object(&self, object: &Node, is_filed: bool, own: &str) -> Option<Finding> {
        let text = |path| object.pointer(path).and_then(Node::as_text).unwrap_or_default();
        let (kind, name) = (text("/kind"), text("/metadata/name"));
        let namespace = text("/metadata/namespace");
        let place = |path| {
            let node: Option<&Node> = object.pointer(path);
            node.and_then(|node| node.origin.place()).or_else(|| object.origin.place())
        };
        let is_of_argo_cd = text("/apiVersion").starts_with("argoproj.io/")
            && ARGO_CD_KINDS.contains(&kind)
            || kind == "Secret" && object.pointer(SECRET_TYPE).is_some();
        if is_of_argo_cd && !self.argo_cd_objects {
            let message = format!("{kind} {namespace}/{name} configures Argo CD itself");
            let hint = "create it where Argo CD's own configuration is, outside the fleet";
            return Some(codes::DEPLOY_ARGO_CD.finding(message).at(place("/kind")).hint(hint));
        }
        if self.is_forbidden_namespace(namespace) {
            let message =
                format!("{kind} {namespace}/{name} is in the namespace of Argo CD's own objects");
            let finding = codes::DEPLOY_ARGO_CD.finding(message);
            return Some(finding.at(place("/metadata/namespace")));
        }
        let is_own = namespace == own || self.namespaces.iter().any(|one| one == namespace);
        (is_filed && !is_own).then(|| {
            let message = format!(
                "{kind} {namespace}/{name} is in another namespace than its component, `{own}`"
            );
            let hint =
                "leave the namespace out; an operator can allow others with `deploy.namespaces`";
            codes::DEPLOY_NAMESPACE.finding(message).at(place("/metadata/namespace")).hint(hint)
        })
    }

    fn is_forbidden_namespace(&self, namespace: &str) -> bool {
        namespace == ARGO_CD_NAMESPACE && !self.argo_cd_objects
    }
}
