//! Checks the database's engine: the settings of a connection describe PostgreSQL.

use policy_sdk::{Document, Plan};

use crate::codes;
use crate::short::shorten;
use crate::variables::BaseVariables;

const ENGINE: &str = "/nautobot/db/engine";
const VARIABLE: &str = "NAUTOBOT_DB_ENGINE";

/// Reports an engine other than PostgreSQL's. The chart writes it into its ConfigMap
/// (`nautobot.database.engine`, _helpers.tpl of 2.5.9 and 3.1.1), and a variable wins over that.
pub(super) fn check_engine(plan: &mut Plan, values: &Document, base: &BaseVariables<'_>) {
    let entry = base.find(VARIABLE).and_then(|entry| Some((VARIABLE, entry.text?, entry.place)));
    let of_chart = || Some(("nautobot.db.engine", values.scalar(ENGINE)?, ENGINE.to_owned()));
    let Some((what, engine, place)) = entry.or_else(of_chart) else { return };
    // django.db.backends.postgresql, or the same of django_prometheus.
    if engine.is_empty() || engine.ends_with(".postgresql") || engine.contains("{{") {
        return;
    }
    plan.report(
        codes::ENGINE
            .finding(format!(
                "the base values set {what} to {}, but the settings connections.database connect to PostgreSQL",
                shorten(&engine),
            ))
            .at(place)
            .hint("write django.db.backends.postgresql, or remove it from the base values"),
    );
}
