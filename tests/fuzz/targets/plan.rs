//! Plans of a policy, decoded and rendered.

#![no_main]

site_cmp_fuzz::fuzz!(PLAN, policy_sandbox::fuzz::plan);
