//! How the gateway treats connections of clients.

use policy_sdk::{BadRead, Document, Json};

use crate::route::said;

/// How long a connection may be silent unless a setting says otherwise.
///
/// A worker's connection to PostgreSQL is silent while its job waits for something else, a slow
/// query or a device, and Envoy closes it after 1 h: the job ends with `EOF detected`. Keepalive
/// does not help, because Envoy counts bytes and probes have none. A day is longer than the jobs
/// that Nautobot is used for. It costs little, because keepalive ends the connections whose
/// client is gone: with its defaults after 120 s + 3 x 30 s.
pub(crate) const IDLE_TIMEOUT: &str = "24h";
/// The place of that setting below a service's.
pub(crate) const IDLE_TIMEOUT_PATH: &str = "/clientTrafficPolicy/timeout/tcp/idleTimeout";

/// When a silent connection is first probed, how often, and how often in vain, unless a setting
/// says otherwise. Firewalls and load balancers on the way forget a connection that is silent
/// for some minutes.
const KEEPALIVE: (&str, &str, u64) = ("120s", "30s", 3);

/// What a `ClientTrafficPolicy` says.
#[derive(Debug)]
pub(crate) struct Traffic {
    pub(crate) name: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) keepalive: Option<Json>,
    pub(crate) idle_timeout: Option<String>,
}

impl Traffic {
    /// Reads the policy of a route of the values. As in the chart, one that says nothing is none.
    pub(crate) fn of_values(values: &Document, path: &str) -> Result<Option<Self>, BadRead> {
        if !said(values, path) {
            return Ok(None);
        }
        let keepalive = [path, "/tcpKeepalive"].concat();
        let raw = said(values, &keepalive).then(|| values.raw(&keepalive)).flatten();
        Self::named(values, path, raw.map(Json::Raw), None).map(Some)
    }

    /// Reads the policy of a service, which has one whether or not its settings say anything.
    pub(crate) fn of_service(settings: &Document, service: &str) -> Result<Self, BadRead> {
        let path = [service, "/clientTrafficPolicy"].concat();
        let keepalive = keepalive(&settings.at(&[&path, "/tcpKeepalive"].concat()))?;
        let idle_timeout =
            settings.text_or(&[service, IDLE_TIMEOUT_PATH].concat(), IDLE_TIMEOUT)?;
        Self::named(settings, &path, keepalive, Some(idle_timeout))
    }

    fn named(
        document: &Document,
        path: &str,
        keepalive: Option<Json>,
        idle_timeout: Option<String>,
    ) -> Result<Self, BadRead> {
        Ok(Self {
            name: document.optional_text(&[path, "/name"].concat())?,
            namespace: document.optional_text(&[path, "/namespace"].concat())?,
            keepalive,
            idle_timeout,
        })
    }

    /// Returns the policy as the chart's values can say it, if anything is left: they have no
    /// idle timeout.
    pub(crate) fn value(&self) -> Option<Json> {
        let mut entries = Vec::new();
        for (key, value) in [("name", &self.name), ("namespace", &self.namespace)] {
            entries.extend(value.as_deref().map(|value| (key.to_owned(), value.into())));
        }
        entries.extend(self.keepalive_entry());
        (!entries.is_empty()).then_some(Json::Map(entries))
    }

    /// Returns what the object's `spec` says beside its target.
    pub(crate) fn spec(&self) -> impl Iterator<Item = (String, Json)> {
        let timeout = self.idle_timeout.as_deref().map(|timeout| {
            let tcp = Json::map([("idleTimeout", timeout.into())]);
            ("timeout".to_owned(), Json::map([("tcp", tcp)]))
        });
        self.keepalive_entry().into_iter().chain(timeout)
    }

    fn keepalive_entry(&self) -> Option<(String, Json)> {
        self.keepalive.clone().map(|value| ("tcpKeepalive".to_owned(), value))
    }
}

fn keepalive(settings: &Document) -> Result<Option<Json>, BadRead> {
    if !settings.bool_or("/enabled", true)? {
        return Ok(None);
    }
    let (idle, interval, probes) = KEEPALIVE;
    Ok(Some(Json::map([
        ("idleTime", settings.text_or("/idleTime", idle)?.into()),
        ("interval", settings.text_or("/interval", interval)?.into()),
        ("probes", settings.u64_or("/probes", probes)?.into()),
    ])))
}
