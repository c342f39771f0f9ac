//! The front doors.
