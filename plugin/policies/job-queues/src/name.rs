//! Names of queues that Nautobot and Celery take.

/// The queue that every Nautobot has: its migration `extras.0118` creates it.
pub(crate) const DEFAULT: &str = "default";

/// `CHARFIELD_MAX_LENGTH` of Nautobot, in characters: `JobQueue.name` and `.description`.
pub(crate) const LONGEST: usize = 255;

/// Returns what is wrong with a name, if anything.
///
/// `JobQueue.clean` refuses `/` and `..` (Nautobot 3.1.8, `extras/models/jobs.py`), and workers
/// get their queues as one list with commas (`celery worker --queues`).
pub(crate) fn complaint(name: &str) -> Option<String> {
    // What nearly every name is made of, in one pass: there may be thousands.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.bytes().all(plain) && !matches!(name.len(), 0 | 32..) {
        return None;
    }
    let found = if name.is_empty() {
        "is empty"
    } else if name.contains(',') {
        "contains a comma, which separates queues"
    } else if name.contains('/') {
        "contains `/`, which Nautobot refuses"
    } else if name.contains("..") {
        "contains `..`, which Nautobot refuses"
    } else if name.contains(|c: char| c.is_whitespace() || c.is_control()) {
        "contains white space or a control character"
    } else if is_uuid(name) {
        "reads as a UUID: Nautobot takes it for the id of a queue, finds none, and runs the job in the job's default queue"
    } else {
        let length = name.chars().count();
        return (length > LONGEST)
            .then(|| format!("has {length} characters, and Nautobot stores {LONGEST}"));
    };
    Some(found.to_owned())
}

/// Returns whether the name is a UUID as people write it, with hyphens anywhere: Python's
/// `uuid.UUID` reads it (`is_uuid` in Nautobot's `core/utils/data.py`, on which `get_job_queue` in
/// `extras/utils.py` relies). Python reads some more, such as digits with `_` between.
fn is_uuid(name: &str) -> bool {
    let mut digits = name.bytes().filter(|&byte| byte != b'-');
    digits.clone().count() == 32 && digits.all(|byte| byte.is_ascii_hexdigit())
}
