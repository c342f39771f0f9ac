//! The process in which the server renders: everything that reads the content of a repo runs here,
//! where it can be killed.
//!
//! The server sends orders over one socket, each with the descriptor of an unpacked archive, and
//! gets one answer for each. The process opens no file of the container, has no environment
//! variables, limits its own memory, and ends with the server. It keeps the fleets that it has
//! opened, and the policies whose code the server has sent.

mod answering;
mod fleets;
mod known_answers;
mod progress;
pub(crate) mod protocol;

pub(crate) use answering::{panic_message, truncate_word};
pub(crate) use progress::ProgressFile;

use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use worker_process::{Message, ProcessLimits};

use answering::Renderer;
use protocol::kind;

/// The open file descriptors of a worker: its streams, the archives of its fleets, and the pipes
/// of its Jsonnet process and of helm.
const OPEN_FILES: u64 = 64;

/// The largest file of a worker, in bytes: helm caches charts in its own folder.
const FILE_BYTES: u64 = 64 << 20;

/// Runs a worker until the server ends. The argument is its limit of memory in bytes.
pub(crate) fn run(arguments: &[OsString]) -> ExitCode {
    match answer_orders(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The server reads the beginning of this stream when a worker has ended.
            let _ = io::Write::write_all(&mut io::stderr(), error.to_string().as_bytes());
            ExitCode::FAILURE
        }
    }
}

fn answer_orders(arguments: &[OsString]) -> io::Result<()> {
    // The answer has a panic's message; the stream of errors is read only once.
    std::panic::set_hook(Box::new(|_| {}));
    let data = arguments.first().and_then(|bytes| bytes.to_str()?.parse().ok());
    let data = Some(data.ok_or_else(|| io::Error::other("expected bytes of memory"))?);
    worker_process::apply_limits(&ProcessLimits {
        data,
        open_files: Some(OPEN_FILES),
        file_bytes: Some(FILE_BYTES),
        ..ProcessLimits::default()
    })?;
    worker_process::prefer_as_victim();
    let socket = worker_process::parent_socket()?;
    worker_process::end_with_parent(socket.try_clone()?)?;
    let first = Message::receive_from_parent(&socket)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    let mut renderer = Renderer::start(first)?;
    while let Some(message) = Message::receive_from_parent(&socket)? {
        match message.kind {
            kind::CODE => renderer.add_code(message)?,
            kind::NO_CODE => renderer.add_compile_error(&message.bytes)?,
            kind::ORDER => renderer.answer(message, &socket)?,
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
    Ok(())
}

/// Sends a value in its postcard form.
fn send<T: serde::Serialize>(
    socket: &std::os::unix::net::UnixStream,
    kind: u8,
    value: &T,
) -> io::Result<()> {
    Message::send_to_parent(socket, kind, &protocol::encode(value)?)
}
