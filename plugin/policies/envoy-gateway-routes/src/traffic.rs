//! Sets keepalive and idle timeout of client connections at the gateway.

use policy_sdk::{BadRead, Document, Json};

use crate::route::has_entries;

/// The default of the idle timeout.
///
/// A worker's connection to PostgreSQL is silent while its job waits for a slow query or a device.
/// By default Envoy closes it after 1 h, and the job ends with `EOF detected`. Keepalive does not
/// prevent that, because Envoy counts bytes and probes have none. A day is longer than the jobs of
/// Nautobot. It costs little, because keepalive ends the connections of clients that are gone:
/// with its defaults after 120 s + 3 x 30 s.
pub(crate) const IDLE_TIMEOUT: &str = "24h";
/// The pointer to that setting in the settings of a service.
pub(crate) const IDLE_TIMEOUT_PATH: &str = "/clientTrafficPolicy/timeout/tcp/idleTimeout";

/// The defaults of keepalive: silence before the first probe, time between probes, and probes
/// without an answer. Firewalls and load balancers drop a connection that is silent for some
/// minutes.
const KEEPALIVE: (&str, &str, u64) = ("120s", "30s", 3);

/// The content of a `ClientTrafficPolicy`.
#[derive(Debug)]
pub(crate) struct Traffic {
    pub(crate) name: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) keepalive: Option<Json>,
    pub(crate) idle_timeout: Option<String>,
}

impl Traffic {
    /// Reads the policy of a route of the values. As in the chart, an empty map means none.
    pub(crate) fn from_values(values: &Document, path: &str) -> Result<Option<Self>, BadRead> {
        if !has_entries(values, path) {
            return Ok(None);
        }
        let keepalive = [path, "/tcpKeepalive"].concat();
        let raw = has_entries(values, &keepalive).then(|| values.raw(&keepalive)).flatten();
        Self::with_names(values, path, raw.map(Json::Raw), None).map(Some)
    }

    /// Reads the policy of a service. A service has one even without settings.
    pub(crate) fn from_service(settings: &Document, service: &str) -> Result<Self, BadRead> {
        let path = [service, "/clientTrafficPolicy"].concat();
        let keepalive = read_keepalive(&settings.at(&[&path, "/tcpKeepalive"].concat()))?;
        let idle_timeout =
            settings.text_or(&[service, IDLE_TIMEOUT_PATH].concat(), IDLE_TIMEOUT)?;
        Self::with_names(settings, &path, keepalive, Some(idle_timeout))
    }

    fn with_names(
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

    /// Returns the policy for the chart's values, which have no idle timeout; nothing if it would be
    /// empty.
    pub(crate) fn to_value(&self) -> Option<Json> {
        let mut entries = Vec::new();
        for (key, value) in [("name", &self.name), ("namespace", &self.namespace)] {
            entries.extend(value.as_deref().map(|value| (key.to_owned(), value.into())));
        }
        entries.extend(self.keepalive_entry());
        (!entries.is_empty()).then_some(Json::Map(entries))
    }

    /// Returns the entries of the object's `spec`, without its target.
    pub(crate) fn spec_entries(&self) -> impl Iterator<Item = (String, Json)> {
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

fn read_keepalive(settings: &Document) -> Result<Option<Json>, BadRead> {
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
