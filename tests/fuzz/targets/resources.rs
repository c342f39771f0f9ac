//! Resource files, as we and kustomize merge them.

#![no_main]

site_cmp_fuzz::fuzz!(RESOURCES);
