//! Streams and archives as a plugin server gets them, changed without end.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| site_cmp::fuzz::stream(bytes));
