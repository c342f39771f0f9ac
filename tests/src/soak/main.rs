//! A soak: honest callers beside a mix of all attacks, for as long as it is told.
//!
//! The server runs in a memory cgroup of 768 MiB. First the honest callers are alone with it, and
//! then all attacks of `site_cmp_tests::attack` go on beside them. Each caller compares its
//! answer with that of `cmp generate`. At the end the server gets a minute of rest. Prints a
//! summary; the exit code is 1 if a bar is missed.
//!
//! `soak [--minutes N] [--alone MINUTES] [--only ATTACK]... [--server PROGRAM]`

mod cgroup;
mod field;
mod mix;
mod summary;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use field::Field;
use summary::Summary;

/// The settings of a soak.
struct Options {
    /// Time with the attacks.
    minutes: u32,
    /// Time before them.
    alone: u32,
    /// The attacks by name; all if it is empty.
    only: Vec<String>,
    /// The program whose server is attacked.
    server: PathBuf,
}

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(why) => {
            print(&format!(
                "soak: {why}\nusage: soak [--minutes N] [--alone MINUTES] [--only ATTACK]... [--server PROGRAM]"
            ));
            return ExitCode::from(2);
        }
    };
    let field = Field::prepare(&options);
    let (alone, mixed, killed) = field.soak(&options);
    let summary = Summary::new(&field, &alone, &mixed, killed);
    print(&summary.text());
    if summary.is_missed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

impl Options {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let own = std::env::current_exe().map_err(|error| error.to_string())?;
        let server = own.with_file_name("site-cmp");
        let mut options = Self { minutes: 20, alone: 0, only: Vec::new(), server };
        while let Some(word) = words.next() {
            let value = words.next().ok_or_else(|| format!("{word} needs a value"))?;
            let number = || value.parse().map_err(|_| format!("{word} needs a number"));
            match &*word {
                "--minutes" => options.minutes = number()?,
                "--alone" => options.alone = number()?,
                "--only" => options.only.push(value),
                "--server" => options.server = value.into(),
                _ => return Err(format!("{word} is not an option")),
            }
        }
        if options.alone == 0 {
            options.alone = (options.minutes / 4).clamp(1, 5);
        }
        Ok(options)
    }
}

/// Returns so many minutes.
fn minutes(count: u32) -> Duration {
    Duration::from_mins(count.into())
}

/// Prints a line.
fn print(line: &str) {
    // Nothing is lost where stdout is closed.
    let _ = writeln!(std::io::stdout(), "{line}");
}
