//! Policies that misbehave, each in one way, and the error that each of them gets.
//!
//! The policies are written in WAT and wrapped into components here: see `guest.rs`.

#![expect(
    clippy::unwrap_used,
    reason = "clippy sees the tests here, but not that their helpers are tests too"
)]

mod guest; // builds policies
mod host; // sandboxes and requests to run them with

mod artifacts; // refused before anything is compiled
mod borders; // forged handles, leftovers of earlier calls
mod caching; // the folder of compiled code
mod calls; // well-behaved policies: what they read, what they cost
mod compiling; // the child process
mod growth; // fuel, time, memory, tables, stack, reads
mod results; // what a policy returns
