//! Other programs of the machine: started without a shell, given their input, and heard out
//! within limits.

use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;

/// What a program complains is for a person; this much is read.
const COMPLAINT_BYTES: u64 = 64 << 10;

/// Starts a program whose three streams are ours.
pub(crate) fn start(command: &mut Command) -> io::Result<Child> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

/// Why a program did not start.
pub(crate) fn missing(program: &Path, error: &io::Error) -> String {
    let program = program.display();
    match error.kind() {
        io::ErrorKind::NotFound => format!("there is no program {program}"),
        _ => format!("cannot run {program}: {error}"),
    }
}

/// Gives a child its input and takes all that it says, at most `limit` bytes of output.
pub(crate) fn talk(mut child: Child, input: &str, limit: u64) -> io::Result<Output> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let streams = thread::scope(|scope| {
        // A child that ends without reading is one that says why on its error stream.
        scope.spawn(move || stdin.map(|mut pipe| pipe.write_all(input.as_bytes())));
        let complaint = scope.spawn(move || complaint(stderr));
        let said = output(stdout, limit);
        let complaint = complaint.join().unwrap_or_else(|_| Ok(Vec::new()));
        Ok::<_, io::Error>((said?, complaint?))
    });
    let (stdout, stderr) = match streams {
        Ok(streams) => streams,
        Err(error) => {
            child.kill()?;
            child.wait()?;
            return Err(error);
        }
    };
    Ok(Output { status: child.wait()?, stdout, stderr })
}

/// What a program complains, its beginning.
fn complaint(pipe: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let Some(mut pipe) = pipe else { return Ok(bytes) };
    pipe.by_ref().take(COMPLAINT_BYTES).read_to_end(&mut bytes)?;
    // The rest is of no use, but a full pipe would stop the child.
    io::copy(&mut pipe, &mut io::sink())?;
    Ok(bytes)
}

/// All that a program says; more than it may is an error.
fn output(pipe: Option<impl Read>, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let Some(mut pipe) = pipe else { return Ok(bytes) };
    pipe.by_ref().take(limit).read_to_end(&mut bytes)?;
    if pipe.read(&mut [0])? > 0 {
        return Err(io::Error::other(format!("it gives over {limit} bytes")));
    }
    Ok(bytes)
}
