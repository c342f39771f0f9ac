//! What an open site expects of its certificate, held against how it is made and pushed.
//!
//! The settings of its policy site-secrets say it. A site without that policy takes its
//! certificate in another way, about which nothing is known here.

use policy_sdk::{BadRead, Document, Finding, Kind, Plan, Request, Template, pointer};

use crate::push;
use crate::settings::Settings;

/// Where a site looks for its certificate, unless the settings of site-secrets say otherwise.
pub(crate) const REMOTE_KEY: &str = "{{environment}}/{{site}}/nautobot-mtls-client";

const POLICY: &str = "site-secrets";

/// Reports where the two ends differ.
pub(crate) fn hold(
    plan: &mut Plan,
    request: &Request,
    site: &str,
    settings: &Settings,
    pushed: Option<&str>,
) -> Result<(), BadRead> {
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
    end.is_who_the_certificate_says(plan, settings)
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
        for (path, default) in [("/mtls/certificate", "tls.crt"), ("/mtls/key", "tls.key")] {
            let property = self.theirs.text_or(path, default)?;
            if !push::KEYS.contains(&&*property) {
                let message = format!(
                    "site {} reads property {property} of {pushed} (setting {path} of {POLICY}), and only {} are pushed there",
                    self.site,
                    push::KEYS.join(", ")
                );
                plan.report(Finding::error("mtls/remote-key", message).at(self.place(path)));
            }
        }
        Ok(())
    }

    /// A filter that finds no block leaves an empty key, and nothing would say so.
    fn filters_for_the_key(&self, plan: &mut Plan, settings: &Settings) -> Result<(), BadRead> {
        const KEY: &str = "/mtls/privateKey";
        let key = self.theirs.at(KEY);
        let encoding = key.text_or("/encoding", "PKCS1")?;
        let algorithm = key.text_or("/algorithm", "ECDSA")?;
        let ours = &settings.key;
        // PKCS8 writes keys of all algorithms alike.
        let same = encoding == "PKCS8" || algorithm == ours.algorithm;
        if encoding != ours.encoding || !same {
            let message = format!(
                "site {} looks for a key {algorithm} {encoding} (setting mtls.privateKey of {POLICY}), and its certificate is made with {} {} (setting privateKey of mtls-clients)",
                self.site, ours.algorithm, ours.encoding
            );
            let finding = Finding::error("mtls/encoding", message).at(self.place(KEY));
            plan.report(finding.hint("with the wrong one the site's tls.key stays empty"));
        }
        Ok(())
    }

    /// Not an error: PostgreSQL can map one name to another (`pg_ident.conf`).
    fn is_who_the_certificate_says(
        &self,
        plan: &mut Plan,
        settings: &Settings,
    ) -> Result<(), BadRead> {
        const USER: &str = "/database/username";
        let from_store = self.theirs.optional_text("/database/usernameProperty")?.is_some();
        let user = self.theirs.text_or(USER, "app")?;
        if !from_store && user != settings.common_name {
            let message = format!(
                "site {} logs in as {user} (setting database.username of {POLICY}), and its certificate says {} (setting commonName of mtls-clients)",
                self.site, settings.common_name
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
