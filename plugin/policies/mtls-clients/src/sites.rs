//! What an open site expects of its certificate, held against how it is made and pushed.
//!
//! The settings of its policy site-secrets say it. A site without that policy takes its
//! certificate in another way, about which nothing is known here.

use policy_sdk::{BadRead, Document, Finding, Kind, Plan, Request, Template, pointer};

use crate::certificate::Client;
use crate::push;
use crate::settings::Settings;

/// Where a site looks for its certificate, unless the settings of site-secrets say otherwise.
pub(crate) const REMOTE_KEY: &str = "{{environment}}/{{site}}/nautobot-mtls-client";

const POLICY: &str = "site-secrets";

/// Reports where the two ends differ.
pub(crate) fn hold(
    plan: &mut Plan,
    request: &Request,
    client: &Client,
    settings: &Settings,
    pushed: Option<&str>,
) -> Result<(), BadRead> {
    let site = client.site;
    let policy = pointer([site, "site", "nautobot_worker", "policies", POLICY]);
    let theirs = request.fleet.at(&policy);
    if theirs.kind("") == Kind::Missing || !theirs.bool_or("/mtls/enabled", true)? {
        return Ok(());
    }
    let end = End { site, theirs: &theirs };
    if let Some(pushed) = pushed {
        end.reads_what_is_pushed(plan, pushed, &request.environment)?;
    }
    end.filters_for_the_key(plan, settings)?;
    end.is_who_the_certificate_says(plan, client.user)
}

/// A site that reads a certificate.
struct End<'r> {
    site: &'r str,
    theirs: &'r Document,
}

impl End<'_> {
    fn reads_what_is_pushed(
        &self,
        plan: &mut Plan,
        pushed: &str,
        environment: &str,
    ) -> Result<(), BadRead> {
        const KEY: &str = "/mtls/remoteKey";
        let read = Template::read(self.theirs, KEY, REMOTE_KEY)?.fill(self.site, environment);
        if read != pushed {
            let message = format!(
                "site {} reads its certificate at {read} (setting mtls.remoteKey of {POLICY}), and it is pushed to {pushed} (setting push.remoteKey of mtls-clients)",
                self.site
            );
            let finding = Finding::error("mtls/remote-key", message);
            plan.report(finding.at(self.place(KEY)).hint("give both settings the same template"));
            return Ok(());
        }
        let mut properties = vec![("/mtls/certificate", "tls.crt"), ("/mtls/key", "tls.key")];
        // The authority's public certificate goes along, unless it is said to be elsewhere.
        if self.theirs.kind("/mtls/authority/remoteKey") == Kind::Missing {
            properties.push(("/mtls/authority/property", "ca.crt"));
        }
        for (path, default) in properties {
            let property = self.theirs.text_or(path, default)?;
            if !push::KEYS.contains(&&*property) {
                let message = format!(
                    "site {} reads property `{property}` of {pushed} (setting {} of {POLICY}), and only {} are pushed there",
                    self.site,
                    path.trim_start_matches('/').replace('/', "."),
                    push::KEYS.join(", ")
                );
                let finding = Finding::error("mtls/remote-key", message).at(self.place(path));
                plan.report(finding.hint("without that setting the site reads what is pushed"));
            }
        }
        Ok(())
    }

    /// A filter that finds no block leaves an empty key, and nothing would say so.
    fn filters_for_the_key(&self, plan: &mut Plan, settings: &Settings) -> Result<(), BadRead> {
        const ENCODING: &str = "/mtls/keyEncoding";
        const ALGORITHM: &str = "/mtls/keyAlgorithm";
        let encoding = self.theirs.text_or(ENCODING, "PKCS1")?;
        let algorithm = self.theirs.text_or(ALGORITHM, "ECDSA")?;
        let ours = &settings.key;
        // PKCS8 writes keys of all algorithms alike.
        let same = encoding == "PKCS8" || algorithm == ours.algorithm;
        if encoding != ours.encoding || !same {
            let path = if encoding == ours.encoding { ALGORITHM } else { ENCODING };
            let message = format!(
                "site {} looks for a key {algorithm} {encoding} (settings mtls.keyAlgorithm and mtls.keyEncoding of {POLICY}), and its certificate is made with {} {} (setting privateKey of mtls-clients)",
                self.site, ours.algorithm, ours.encoding
            );
            let finding = Finding::error("mtls/encoding", message).at(self.place(path));
            plan.report(finding.hint("with the wrong one the site's tls.key stays empty"));
        }
        Ok(())
    }

    /// Not an error: PostgreSQL can map one name to another (`pg_ident.conf`).
    fn is_who_the_certificate_says(&self, plan: &mut Plan, certified: &str) -> Result<(), BadRead> {
        const USER: &str = "/database/username";
        let from_store = self.theirs.optional_text("/database/usernameProperty")?.is_some();
        let wanted = self.theirs.bool_or("/database/enabled", true)?;
        let user = self.theirs.text_or(USER, "app")?;
        if wanted && !from_store && user != certified {
            let message = format!(
                "site {} logs in as {user} (setting database.username of {POLICY}), and its certificate says {certified} (setting commonName of mtls-clients)",
                self.site
            );
            let finding = Finding::warning("mtls/user", message).at(self.place(USER));
            plan.report(
                finding.hint("PostgreSQL refuses that, unless its pg_ident.conf maps them"),
            );
        }
        Ok(())
    }

    /// A setting where it is said, else all of the policy's.
    fn place(&self, path: &str) -> String {
        let said = self.theirs.kind(path) != Kind::Missing;
        self.theirs.path(if said { path } else { "" })
    }
}
