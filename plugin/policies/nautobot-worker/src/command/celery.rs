//! Parses Celery's command line as click does: the last occurrence of an option wins, short
//! options may be joined with one another and with a value, `--` ends them (celery/bin/celery.py
//! and celery/bin/worker.py of Celery 5.5; compared with click's own parser).

use super::program::Program;
use super::words::Word;
use crate::short::shorten;

/// Options of `celery` itself that take a value.
const GROUP_VALUES: [&str; 8] =
    ["-A", "--app", "-b", "--broker", "--result-backend", "--loader", "--config", "--workdir"];
const GROUP_FLAGS: [&str; 6] = ["-C", "--no-color", "-q", "--quiet", "--skip-checks", "--version"];
/// Long options of `celery worker` that take a value.
const VALUES: [&str; 25] = [
    "--hostname",
    "--statedb",
    "--loglevel",
    "--optimization",
    "--prefetch-multiplier",
    "--concurrency",
    "--pool",
    "--time-limit",
    "--soft-time-limit",
    "--max-tasks-per-child",
    "--max-memory-per-child",
    "--queues",
    "--exclude-queues",
    "--include",
    "--heartbeat-interval",
    "--autoscale",
    "--schedule-filename",
    "--schedule",
    "--scheduler",
    "--logfile",
    "--pidfile",
    "--uid",
    "--gid",
    "--umask",
    "--executable",
];
const FLAGS: [&str; 12] = [
    "--detach",
    "--disable-prefetch",
    "--task-events",
    "--events",
    "--purge",
    "--discard",
    "--without-gossip",
    "--without-mingle",
    "--without-heartbeat",
    "--beat",
    "--embedded",
    "--help",
];
/// Short options that take a value, and their long names.
const SHORT_VALUES: [(char, &str); 10] = [
    ('n', "--hostname"),
    ('S', "--statedb"),
    ('l', "--loglevel"),
    ('O', "--optimization"),
    ('c', "--concurrency"),
    ('P', "--pool"),
    ('Q', "--queues"),
    ('X', "--exclude-queues"),
    ('I', "--include"),
    ('s', "--schedule"),
];
/// Short options without a value, apart from [`BEAT`].
const SHORT_FLAGS: &str = "DEh";
const BEAT: char = 'B';
const LOGFILE: char = 'f';

/// A broker URL that overrides the one of the configuration.
#[derive(Clone, Debug)]
pub(super) struct BrokerOverride {
    /// The option or the variable that sets it.
    pub(super) what: &'static str,
    pub(super) url: Word,
}

/// The options of a `celery worker` command, each with the value that takes effect.
#[derive(Debug, Default)]
pub(super) struct WorkerCommand {
    pub(super) queues: Option<Word>,
    pub(super) excluded: Option<Word>,
    pub(super) concurrency: Option<Word>,
    pub(super) autoscale: Option<Word>,
    pub(super) pool: Option<Word>,
    /// The option that starts a scheduler beside the worker.
    pub(super) beat: Option<Word>,
    /// The broker that the command line sets.
    pub(super) broker: Option<BrokerOverride>,
    /// The option that `nautobot-server` reads as the path of its config.
    pub(super) config_path: Option<Word>,
    /// A word that may evaluate to any option.
    pub(super) unread: Option<Word>,
    /// The pointer to the command.
    pub(super) place: Option<String>,
}

/// Parses the words after `celery`.
pub(super) fn parse_command(words: &[Word], config_path: Option<&Word>) -> Program {
    let place = words.iter().find_map(Word::place);
    let mut rest = words;
    let mut broker = None;
    while let Some((word, after)) = rest.split_first() {
        let text = word.text.as_str();
        let name = text.split('=').next().unwrap_or_default();
        let is_joined = (text.contains('=') && GROUP_VALUES.contains(&name))
            || text.starts_with("-A")
            || text.starts_with("-b");
        if !word.is_known && !is_joined {
            return Program::Unread {
                why: "a word before the subcommand of celery cannot be evaluated".to_owned(),
                place,
            };
        }
        broker = broker_option(word, after).or(broker);
        if GROUP_VALUES.contains(&text) {
            rest = after.get(1..).unwrap_or_default();
        } else if GROUP_FLAGS.contains(&text) || is_joined {
            rest = after;
        } else if text == "worker" {
            let mut worker = WorkerCommand {
                place,
                broker,
                config_path: config_path.cloned(),
                ..WorkerCommand::default()
            };
            worker.parse_options(after);
            return Program::Worker(Box::new(worker));
        } else if text.starts_with('-') && config_path.is_none() {
            return Program::Unread {
                why: ["celery has no option ", &shorten(text)].concat(),
                place,
            };
        } else if text.starts_with('-') {
            rest = after.get(usize::from(!text.contains('='))..).unwrap_or_default();
        } else if text == "beat" {
            return Program::Beat { place };
        } else if text == "multi" {
            return Program::Unread { why: "celery multi starts the worker".to_owned(), place };
        } else {
            return Program::Other { what: ["celery ", &shorten(text)].concat(), place };
        }
    }
    Program::Other { what: "celery without a subcommand".to_owned(), place }
}

/// Returns the broker that an option before the subcommand sets.
fn broker_option(word: &Word, after: &[Word]) -> Option<BrokerOverride> {
    let text = word.text.as_str();
    let url = match text {
        "-b" | "--broker" => after.first()?.clone(),
        _ => {
            let short = text.strip_prefix("-b");
            let url = text.strip_prefix("--broker=").or(short)?;
            word.with_text(url.to_owned(), word.is_known)
        }
    };
    Some(BrokerOverride { what: "--broker", url })
}

impl WorkerCommand {
    /// Parses the words after `celery worker`.
    fn parse_options(&mut self, words: &[Word]) {
        let mut rest = words;
        while let Some((word, after)) = rest.split_first() {
            rest = after;
            let text = word.text.as_str();
            if text == "--" && word.is_known {
                return;
            }
            if text.starts_with("--") {
                rest = self.parse_long_option(word, after);
            } else if text.len() > 1 && text.starts_with('-') {
                rest = self.parse_short_options(word, after);
            } else if !word.is_known {
                self.unread.get_or_insert_with(|| word.clone());
            }
        }
    }

    /// Parses an option such as `--queues NAME`, and returns the words after it.
    fn parse_long_option<'w>(&mut self, word: &Word, after: &'w [Word]) -> &'w [Word] {
        let (name, value) = word.text.split_once('=').unzip();
        let name = name.unwrap_or(&word.text);
        if let Some(value) = value.filter(|_| VALUES.contains(&name)) {
            self.set_option(name, word.with_text(value.to_owned(), word.is_known));
            after
        } else if VALUES.contains(&name) && word.is_known {
            self.take_next(name, word, after)
        } else {
            if name == "--beat" && word.is_known {
                self.beat = Some(word.clone());
            } else if !FLAGS.contains(&name) || !word.is_known {
                self.unread.get_or_insert_with(|| word.clone());
            }
            after
        }
    }

    /// Parses joined options such as `-EBQNAME`, and returns the words after them.
    fn parse_short_options<'w>(&mut self, word: &Word, after: &'w [Word]) -> &'w [Word] {
        for (index, letter) in word.text.char_indices().skip(1) {
            let behind = word.text.get(index + letter.len_utf8()..).unwrap_or_default();
            let value = SHORT_VALUES.iter().find(|(short, _)| *short == letter);
            let name = value.map(|(_, name)| *name).or((letter == LOGFILE).then_some("--logfile"));
            match name {
                Some(name) if !behind.is_empty() => {
                    self.set_option(name, word.with_text(behind.to_owned(), word.is_known));
                    return after;
                }
                Some(name) => return self.take_next(name, word, after),
                None if letter == BEAT => self.beat = Some(word.clone()),
                None if SHORT_FLAGS.contains(letter) => {}
                None => {
                    self.unread.get_or_insert_with(|| word.clone());
                    return after;
                }
            }
        }
        after
    }

    /// Sets an option to the next word, even if that begins with a dash, as click does.
    fn take_next<'w>(&mut self, name: &str, word: &Word, after: &'w [Word]) -> &'w [Word] {
        let Some((value, rest)) = after.split_first() else {
            // Celery fails on an option without a value.
            self.set_option(name, word.with_text(String::new(), true));
            return after;
        };
        self.set_option(name, value.clone());
        rest
    }

    /// Stores an option that the checks need.
    fn set_option(&mut self, name: &str, value: Word) {
        let slot = match name {
            "--queues" => &mut self.queues,
            "--exclude-queues" => &mut self.excluded,
            "--concurrency" => &mut self.concurrency,
            "--autoscale" => &mut self.autoscale,
            "--pool" => &mut self.pool,
            _ => return,
        };
        *slot = Some(value);
    }
}
