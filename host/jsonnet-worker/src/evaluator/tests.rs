use super::*;

/// Milliseconds in which every machine gets an answer.
const ENOUGH: u64 = 600_000;

fn failure_of(program: &str, args: &[&str], milliseconds: u64) -> Box<Finding> {
    let limits = Limits { milliseconds, workers: 1, ..Limits::default() };
    let args = args.iter().map(Into::into).collect();
    let evaluator = Evaluator::new(program.into(), args, limits);
    let file = Arc::new(SourceFile::new("a.jsonnet", "{}"));
    // Twice: what broke holds nobody up.
    let first = evaluator.evaluate(&file, &Imports::none()).unwrap_err();
    let second = evaluator.evaluate(&file, &Imports::none()).unwrap_err();
    assert_eq!(first.message, second.message);
    first
}

#[test]
fn a_program_that_cannot_be_started_is_the_machines_fault() {
    let finding = failure_of("/nowhere", &[], ENOUGH);
    assert_eq!((&*finding.code, finding.fault), ("jsonnet/worker", Fault::Environment));
    let finding = failure_of("/bin/false", &[], ENOUGH);
    assert_eq!((&*finding.code, finding.fault), ("jsonnet/worker", Fault::Environment));
}

#[test]
fn a_program_that_does_not_answer_is_ended_in_time() {
    let finding = failure_of("/bin/sh", &["-c", "exec sleep infinity"], 200);
    assert_eq!(finding.code, "jsonnet/limit");
}

#[test]
fn a_program_that_talks_nonsense_is_not_believed() {
    // It says what it hears; and a length that nobody would send. One that ended would race
    // with the question.
    failure_of("/bin/cat", &["-"], ENOUGH);
    failure_of(
        "/bin/sh",
        &["-c", r"printf '\006\377\377\377\377'; exec /bin/cat >/dev/null"],
        ENOUGH,
    );
    failure_of(
        "/bin/sh",
        &["-c", r"printf '\006\012\000\000\000\005\000\000\000nojsn '; exec /bin/cat >/dev/null"],
        ENOUGH,
    );
}
