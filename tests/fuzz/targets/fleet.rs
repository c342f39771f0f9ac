//! Environments and profiles, parsed, gated and rendered.

#![no_main]

site_cmp_fuzz::fuzz!(FLEET);
