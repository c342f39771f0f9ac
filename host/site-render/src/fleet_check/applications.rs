//! Applications of several sites that would overwrite each other: Argo CD applies each of them
//! again and again, and prunes the objects of the other one.

use std::collections::BTreeMap;

use crate::codes;
use crate::finding::Finding;
use crate::gate::Destination;
use crate::profile::Profile;
use crate::rendered::Rendered;
use crate::value::Node;

/// The Applications of the sites that were rendered so far.
#[derive(Debug, Default)]
pub(super) struct Applications {
    /// The site that deploys to a cluster and namespace.
    destinations: BTreeMap<(Destination, String), String>,
    /// The site and component that an Application belongs to, by its name.
    names: BTreeMap<String, (String, String)>,
}

impl Applications {
    /// Records the Application of an open site; reports another site's with the same destination,
    /// or another one with the same name.
    pub(super) fn record(
        &mut self,
        profile: &Profile,
        rendered: &Rendered,
        findings: &mut Vec<Finding>,
    ) {
        for application in rendered.documents.iter().filter(|object| is_application(object)) {
            self.check_destination(profile, application, findings);
            self.check_name(profile, application, &rendered.component, findings);
        }
    }

    fn check_destination(
        &mut self,
        profile: &Profile,
        application: &Node,
        findings: &mut Vec<Finding>,
    ) {
        let text = |key: &str| {
            let node = application.pointer(&format!("/spec/destination/{key}"));
            node.and_then(Node::as_text).map(str::to_owned)
        };
        let cluster = text("server").map(Destination::Server);
        let Some(cluster) = cluster.or_else(|| text("name").map(Destination::Name)) else { return };
        let namespace = text("namespace").unwrap_or_default();
        let site = profile.site.to_string();
        let key = (cluster.normalized(), namespace.clone());
        let owner = self.destinations.entry(key).or_insert_with_key(|_| site.clone());
        if *owner == site {
            return;
        }
        let message = format!(
            "sites `{owner}` and `{site}` both deploy to namespace `{namespace}` of {cluster}, so their Applications overwrite and prune each other's objects"
        );
        let written = ["/cluster_server", "/cluster_name"];
        let place = written.iter().find_map(|path| profile.body.pointer(path)?.origin.place());
        let hint =
            "set `cluster_server` or `cluster_name` in each profile to the site's own cluster";
        findings.push(codes::SITE_SHARED_DESTINATION.finding(message).at(place).hint(hint));
    }

    fn check_name(
        &mut self,
        profile: &Profile,
        application: &Node,
        component: &str,
        findings: &mut Vec<Finding>,
    ) {
        let name = application.pointer("/metadata/name").and_then(Node::as_text);
        let name = name.unwrap_or_default();
        let own = (profile.site.to_string(), component.to_owned());
        if let Some((site, component)) = self.names.insert(name.to_owned(), own.clone()) {
            let message = format!(
                "component `{component}` of site `{site}` and component `{}` of site `{}` have the same Application, `{name}`",
                own.1, own.0
            );
            let hint = "rename a site's folder, or give each component a `suffix` of its own";
            let finding = codes::SITE_SHARED_APPLICATION.finding(message);
            findings.push(finding.at(profile.body.origin.place()).hint(hint));
        }
    }

    /// Reports Applications that have the name of a site, which its parent Application has in the
    /// shipped ApplicationSet.
    pub(super) fn check_parents(&self, sites: &[String], findings: &mut Vec<Finding>) {
        for site in sites {
            if let Some((owner, component)) = self.names.get(site) {
                let message = format!(
                    "the Application of component `{component}` of site `{owner}` has the name of site `{site}`, whose own Application it would replace"
                );
                let hint = "rename the folder of one of the two sites";
                findings.push(codes::SITE_SHARED_APPLICATION.finding(message).hint(hint));
            }
        }
    }
}

fn is_application(object: &Node) -> bool {
    object.get("kind").and_then(Node::as_text) == Some("Application")
}
