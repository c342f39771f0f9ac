//! Python layers, as we read and merge them and Python compiles them.

#![no_main]

site_cmp_fuzz::fuzz!(PYTHON);
