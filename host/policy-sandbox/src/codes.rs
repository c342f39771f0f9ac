//! The findings of this crate.

site_render::catalog! {
    POLICY_BAD_JSON: Error, Policies, "policy/bad-json",
        "",
        "";
    POLICY_CACHE_FOLDER: Error, Policies, "policy/cache-folder",
        "",
        "";
    POLICY_COMPILE: Error, Policies, "policy/compile",
        "",
        "";
    POLICY_COMPILE_MEMORY: Error, Policies, "policy/compile-memory",
        "",
        "";
    POLICY_COMPILE_SIZE: Error, Policies, "policy/compile-size",
        "",
        "";
    POLICY_COMPILE_TIME: Error, Policies, "policy/compile-time",
        "",
        "";
    POLICY_COMPILER: Error, Policies, "policy/compiler",
        "",
        "";
    POLICY_CONTRACT_VERSION: Error, Policies, "policy/contract-version",
        "",
        "";
    POLICY_CONTROL_CHARACTERS: Error, Policies, "policy/control-characters",
        "",
        "";
    POLICY_CORE_MODULE: Error, Policies, "policy/core-module",
        "",
        "";
    POLICY_ENGINE: Error, Policies, "policy/engine",
        "",
        "";
    POLICY_FUEL: Error, Policies, "policy/fuel",
        "",
        "";
    POLICY_IMPORT: Error, Policies, "policy/import",
        "",
        "";
    POLICY_INSTANCES: Error, Policies, "policy/instances",
        "",
        "";
    POLICY_INVALID: Error, Policies, "policy/invalid",
        "",
        "";
    POLICY_MEMORY: Error, Policies, "policy/memory",
        "",
        "";
    POLICY_MODULE_SIZE: Error, Policies, "policy/module-size",
        "",
        "";
    POLICY_NO_REASON: Error, Policies, "policy/no-reason",
        "",
        "";
    POLICY_NOT_ALLOWED: Error, Policies, "policy/not-allowed",
        "",
        "";
    POLICY_NOT_WASM: Error, Policies, "policy/not-wasm",
        "",
        "";
    POLICY_PAGE_SCAN: Note, Policies, "policy/page-scan",
        "",
        "";
    POLICY_READS: Error, Policies, "policy/reads",
        "",
        "";
    POLICY_ROLE: Error, Policies, "policy/role",
        "",
        "";
    POLICY_SANDBOX_BUG: Error, Policies, "policy/sandbox-bug",
        "",
        "";
    POLICY_STACK: Error, Policies, "policy/stack",
        "",
        "";
    POLICY_TABLES: Error, Policies, "policy/tables",
        "",
        "";
    POLICY_TIME: Error, Policies, "policy/time",
        "",
        "";
    POLICY_TOO_LARGE: Error, Policies, "policy/too-large",
        "",
        "";
    POLICY_TRAP: Error, Policies, "policy/trap",
        "",
        "";
    POLICY_TRUNCATED: Error, Policies, "policy/truncated",
        "",
        "";
    POLICY_WATCHDOG: Error, Policies, "policy/watchdog",
        "",
        "";
}

/// Returns all codes of this crate.
pub fn all() -> impl Iterator<Item = &'static site_render::finding::Code> {
    ALL.iter().copied()
}
