//! Values, as we and Helm merge them.

#![no_main]

site_cmp_fuzz::fuzz!(VALUES);
