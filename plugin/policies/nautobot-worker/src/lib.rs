//! Workers only.
