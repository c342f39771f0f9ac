//! Compares the certificate that an open site expects with the one that is issued and pushed.
//!
//! The settings of its policy site-secrets contain the site's side. A site without that policy gets
//! its certificate in another way, which this policy cannot check.

use policy_sdk::{BadRead, Document, Kind, Plan, Request, Template, pointer};

use crate::certificate::Client;
use crate::codes;
use crate::push;
use crate::settings::Settings;

/// The default of the remote key from which a site reads its certificate (policy site-secrets).
pub(crate) const REMOTE_KEY: &str = "{{environment}}/{{site}}/nautobot-mtls-client";

const POLICY: &str = "site-secrets";

/// Reports each difference between the two sides.
pub(crate) fn compare_settings(
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
    let reader = CertificateReader { site, theirs: &theirs };
    if let Some(pushed) = pushed {
        reader.check_remote_key(plan, pushed, &request.environment)?;
    }
    reader.check_key(plan, settings)?;
    reader.check_user(plan, client.user)
}

/// A site that reads a certificate, with its settings of site-secrets.
struct CertificateReader<'r> {
    site: &'r str,
    theirs: &'r Document,
}

impl CertificateReader<'_> {
    /// Reports a remote key or property from which the site reads and to which nothing is pushed.
    fn check_remote_key(
        &self,
        plan: &mut Plan,
        pushed: &str,
        environment: &str,
    ) -> Result<(), BadRead> {
        const KEY: &str = "/mtls/remoteKey";
        let read = Template::read(self.theirs, KEY, REMOTE_KEY)?.fill(self.site, environment);
        if read != pushed {
            let message = format!(
                "site {} reads its certificate at {read} (setting mtls.remoteKey of {POLICY}), but mtls-clients pushes it to {pushed} (setting push.remoteKey)",
                self.site
            );
            let finding = codes::MTLS_REMOTE_KEY.finding(message).at(self.place(KEY));
            plan.report(finding.hint("set both settings to the same template"));
            return Ok(());
        }
        let mut properties = vec![("/mtls/certificate", "tls.crt"), ("/mtls/key", "tls.key")];
        // The authority's public certificate has the same remote key, unless a setting names another.
        if self.theirs.kind("/mtls/authority/remoteKey") == Kind::Missing {
            properties.push(("/mtls/authority/property", "ca.crt"));
        }
        for (path, default) in properties {
            let property = self.theirs.text_or(path, default)?;
            if !push::KEYS.contains(&&*property) {
                let message = format!(
                    "site {} reads property `{property}` of {pushed} (setting {} of {POLICY}), but only {} are pushed there",
                    self.site,
                    path.trim_start_matches('/').replace('/', "."),
                    push::KEYS.join(", ")
                );
                let finding = codes::MTLS_REMOTE_KEY.finding(message).at(self.place(path));
                plan.report(finding.hint("remove that setting: its default is pushed"));
            }
        }
        Ok(())
    }

    /// Reports a site whose PEM filter selects another kind of key than its certificate has. It
    /// would leave the site's `tls.key` empty without any error.
    fn check_key(&self, plan: &mut Plan, settings: &Settings) -> Result<(), BadRead> {
        const ENCODING: &str = "/mtls/keyEncoding";
        const ALGORITHM: &str = "/mtls/keyAlgorithm";
        let encoding = self.theirs.text_or(ENCODING, "PKCS1")?;
        let algorithm = self.theirs.text_or(ALGORITHM, "ECDSA")?;
        let ours = &settings.key;
        // A PKCS8 block has the same name for all algorithms.
        let same = encoding == "PKCS8" || algorithm == ours.algorithm;
        if encoding != ours.encoding || !same {
            let path = if encoding == ours.encoding { ALGORITHM } else { ENCODING };
            let message = format!(
                "site {} expects an {algorithm} key in {encoding} (settings mtls.keyAlgorithm and mtls.keyEncoding of {POLICY}), but its certificate has an {} key in {} (setting privateKey of mtls-clients)",
                self.site, ours.algorithm, ours.encoding
            );
            let finding = codes::MTLS_ENCODING.finding(message).at(self.place(path));
            plan.report(
                finding
                    .hint("use one algorithm and encoding: otherwise the site's tls.key is empty"),
            );
        }
        Ok(())
    }

    /// Reports a database user that the certificate does not name. It is a warning, because
    /// PostgreSQL can map one name to another (`pg_ident.conf`).
    fn check_user(&self, plan: &mut Plan, certified: &str) -> Result<(), BadRead> {
        const USER: &str = "/database/username";
        let from_store = self.theirs.optional_text("/database/usernameProperty")?.is_some();
        let is_enabled = self.theirs.bool_or("/database/enabled", true)?;
        let user = self.theirs.text_or(USER, "app")?;
        if is_enabled && !from_store && user != certified {
            let message = format!(
                "site {} logs in as {user} (setting database.username of {POLICY}), but its certificate names {certified} (setting commonName of mtls-clients)",
                self.site
            );
            let finding = codes::MTLS_USER.finding(message).at(self.place(USER));
            plan.report(
                finding.hint("set both to the same user, or map them in pg_ident.conf: PostgreSQL refuses the login otherwise"),
            );
        }
        Ok(())
    }

    /// Returns the pointer to a setting, or to all settings of the policy if it is not set.
    fn place(&self, path: &str) -> String {
        let is_set = self.theirs.kind(path) != Kind::Missing;
        self.theirs.path(if is_set { path } else { "" })
    }
}
