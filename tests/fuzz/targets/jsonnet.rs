//! Jsonnet values, as we and Go read them.

#![no_main]

site_cmp_fuzz::fuzz!(JSONNET);
