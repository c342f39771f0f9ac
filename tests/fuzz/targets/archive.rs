//! Archives as a plugin server unpacks them, changed without end.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| site_cmp::fuzz::archive(bytes));
